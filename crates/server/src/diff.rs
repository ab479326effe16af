//! What is different between two JSON documents, member by member.

use std::collections::BTreeSet;

use serde_json::Value;
use umbel_api::AuditChange;

/// The members that differ, in the order of their pointers; what is an object or an array in both is compared member by member.
pub(crate) fn diff(before: Option<&Value>, after: Option<&Value>) -> Vec<AuditChange> {
    let mut changes = Vec::new();
    compare("", before, after, &mut changes);
    changes
}

fn compare(pointer: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<AuditChange>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
                // RFC 6901, 3.
                let escaped = name.replace('~', "~0").replace('/', "~1");
                compare(&format!("{pointer}/{escaped}"), old.get(name), new.get(name), changes);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for at in 0..old.len().max(new.len()) {
                compare(&format!("{pointer}/{at}"), old.get(at), new.get(at), changes);
            }
        }
        (before, after) => {
            changes.push(AuditChange { pointer: pointer.to_owned(), before: before.cloned(), after: after.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_that_differ_are_named_by_their_pointers() {
        let before = json!({"name": "a", "same": {"x": 1}, "list": [1, 2], "gone": null, "a/b~c": 1});
        let after = json!({"name": "b", "same": {"x": 1}, "list": [1, 3, 4], "new": {"y": 2}, "a/b~c": 2});
        let changes = diff(Some(&before), Some(&after));
        let shown: Vec<_> = changes.into_iter().map(|change| (change.pointer, change.before, change.after)).collect();
        let expected = [
            ("/a~1b~0c", Some(json!(1)), Some(json!(2))),
            ("/gone", Some(json!(null)), None),
            ("/list/1", Some(json!(2)), Some(json!(3))),
            ("/list/2", None, Some(json!(4))),
            ("/name", Some(json!("a")), Some(json!("b"))),
            ("/new", None, Some(json!({"y": 2}))),
        ];
        assert_eq!(shown, expected.map(|(pointer, before, after)| (pointer.to_owned(), before, after)));
    }

    #[test]
    fn what_is_new_or_gone_as_a_whole_is_one_change() {
        let thing = json!({"name": "a"});
        assert_eq!(diff(None, Some(&thing))[0].pointer, "");
        assert_eq!(diff(Some(&thing), None).len(), 1);
        assert_eq!(diff(Some(&thing), Some(&thing)), []);
    }
}
