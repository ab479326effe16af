//! What an answer shows of users and a log must not: who reads a log later may know less of them than who got the answer.

use serde_json::Value;
use url::Url;

/// The body without what is only shown of users whom the reader knows; as it was, when nothing of that is in it.
pub(crate) fn without_personal(body: String) -> String {
    let Ok(mut json) = serde_json::from_str::<Value>(&body) else { return body };
    if withhold(&mut json) { json.to_string() } else { body }
}

/// The body with no more of a URL than where it leads: what comes behind its host may be a secret.
pub(crate) fn without_paths(body: String) -> String {
    let Ok(mut json) = serde_json::from_str::<Value>(&body) else { return body };
    let shorten = |shown: &mut Value| {
        let Some(url) = shown.get("url").and_then(Value::as_str).and_then(|url| Url::parse(url).ok()) else { return };
        let host = url.host_str().unwrap_or_default();
        shown["url"] = format!("{}://{host}/…", url.scheme()).into();
    };
    shorten(&mut json);
    if let Some(result) = json.get_mut("result") {
        shorten(result);
    }
    json.to_string()
}

/// Takes away names and second factors wherever a user is shown; whether there were any.
fn withhold(json: &mut Value) -> bool {
    match json {
        Value::Array(items) => withhold_in(items.iter_mut()),
        Value::Object(members) => {
            let mut any = false;
            if members.contains_key("two_factor_authentication_enabled") {
                let nothing = [
                    ("name", "".into()),
                    ("first_name", Value::Null),
                    ("last_name", Value::Null),
                    ("two_factor_authentication_enabled", false.into()),
                ];
                for (member, nothing) in nothing {
                    if let Some(shown) = members.get_mut(member).filter(|shown| **shown != nothing) {
                        *shown = nothing;
                        any = true;
                    }
                }
            }
            withhold_in(members.values_mut()) || any
        }
        _ => false,
    }
}

fn withhold_in<'v>(values: impl Iterator<Item = &'v mut Value>) -> bool {
    let mut any = false;
    for value in values {
        any |= withhold(value);
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_second_factors_of_users_are_withheld_and_nothing_else() {
        let shown =
            r#"{"result":[{"user":{"email":"a@x","name":"Ann","two_factor_authentication_enabled":true}}],"name":"Acme"}"#;
        let kept = r#"{"name":"Acme","result":[{"user":{"email":"a@x","name":"","two_factor_authentication_enabled":false}}]}"#;
        assert_eq!(without_personal(shown.into()), kept);
        let of_account = r#"{"user":{"first_name":"Ann","last_name":"Archer","two_factor_authentication_enabled":false}}"#;
        assert!(!without_personal(of_account.into()).contains("Ann"));
    }

    #[test]
    fn what_comes_behind_the_host_of_a_url_is_withheld() {
        let shown = r#"{"result":{"name":"x","url":"https://hooks.example.com/T0/secret?x=1"},"success":true}"#;
        let kept = r#"{"result":{"name":"x","url":"https://hooks.example.com/…"},"success":true}"#;
        assert_eq!(without_paths(shown.into()), kept);
        assert_eq!(without_paths(r#"{"url":"s3://b/c"}"#.into()), r#"{"url":"s3://b/…"}"#);
    }

    #[test]
    fn a_body_with_nothing_to_withhold_stays_as_it_is() {
        for body in ["", "no json", r#"{"name": "Acme", "price": 1.10}"#] {
            assert_eq!(without_personal(body.into()), body);
        }
    }
}
