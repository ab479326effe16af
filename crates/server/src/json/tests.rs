use proptest::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::*;

#[derive(Debug, Deserialize, ToSchema)]
struct NewThing {
    /// What people call it.
    name: String,
    /// What it belongs to.
    parent: Option<Parent>,
    #[serde(default)]
    #[schema(max_items = 3)]
    tags: Vec<Tag>,
    #[serde(rename = "type")]
    kind: Option<ThingKind>,
    #[schema(value_type = Option<f64>)]
    quantity: Option<Box<RawValue>>,
    small: Option<u8>,
    #[serde(default)]
    flags: std::collections::BTreeMap<String, ThingKind>,
    #[schema(no_recursion)]
    child: Option<Box<NewThing>>,
    active: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Parent {
    id: String,
}

#[derive(Debug, Deserialize, ToSchema)]
struct Tag {
    #[serde(rename = "a/b~c")]
    weight: i64,
}

#[derive(Debug, PartialEq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ThingKind {
    Standard,
    Enterprise,
}

fn shape_of<T: ToSchema + PartialSchema>() -> Shape {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let components = schemas.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap())).collect();
    Shape::new(&T::name(), &Value::Object(components)).unwrap()
}

fn thing(text: &str) -> Result<NewThing, Vec<Fault>> {
    parse(&shape_of::<NewThing>(), text.as_bytes())
}

/// The faults of a text, each as its pointer, a space and its reason.
fn faults(text: &str) -> Vec<String> {
    thing(text).unwrap_err().into_iter().map(|fault| format!("{} {}", fault.pointer, fault.reason)).collect()
}

fn anything() -> Shape {
    Shape::new("Anything", &json!({"Anything": {}})).unwrap()
}

#[test]
fn a_body_that_fits_is_read() {
    let thing = thing(
        r#"{"name": "a", "parent": {"id": "p"}, "tags": [{"a/b~c": -1}], "type": "enterprise", "unknown": [{"x": 1}],
            "flags": {"f": "standard"}, "child": {"name": "b", "parent": null}, "active": true, "small": null}"#,
    )
    .unwrap();
    assert_eq!(thing.name, "a");
    assert_eq!(thing.parent.unwrap().id, "p");
    assert_eq!(thing.tags[0].weight, -1);
    assert_eq!(thing.kind, Some(ThingKind::Enterprise));
    assert_eq!(thing.flags["f"], ThingKind::Standard);
    assert!(thing.child.unwrap().parent.is_none());
    assert_eq!(thing.active, Some(true));
    assert_eq!(thing.small, None);
}

#[test]
fn numbers_keep_every_digit() {
    for number in ["12345678901234567890.1234567890", "1.50", "3", "-7", "1e3"] {
        let thing = thing(&format!(r#"{{"name": "a", "quantity": {number}}}"#)).unwrap();
        assert_eq!(thing.quantity.unwrap().get(), number);
    }
}

#[test]
fn all_faults_are_told_at_once() {
    assert_eq!(
        faults(
            r#"{"parent": {"id": 7}, "tags": [{"a/b~c": 1}, {"a/b~c": "x"}, {}, null], "type": "huge", "quantity": "1",
                "flags": {"f": "tiny", "g": 1}, "child": {"name": null, "parent": {}}, "active": 0, "small": 1.0}"#
        ),
        [
            "/parent/id must be a string, not a number",
            "/tags/1/a~1b~0c must be an integer, not a string",
            "/tags/2/a~1b~0c is missing",
            "/tags/3 must be an object, not null",
            "/tags must have 0 to 3 items, not 4",
            "/type must be one of: standard, enterprise",
            "/quantity must be a number or null, not a string",
            "/flags/f must be one of: standard, enterprise",
            "/flags/g must be a string, not a number",
            "/child/name must be a string, not null",
            "/child/parent/id is missing",
            "/active must be a boolean or null, not a number",
            "/small must be an integer of 64 bits, without point and exponent",
            "/name is missing",
        ]
    );
}

#[test]
fn an_array_is_not_read_as_an_object() {
    assert_eq!(faults(r#"["a", null, []]"#), [" must be an object, not an array"]);
    assert_eq!(faults(r#"{"name": "a", "parent": ["p"]}"#), ["/parent must be an object or null, not an array"]);
    assert_eq!(faults(r#"{"name": "a", "tags": [[1]]}"#), ["/tags/0 must be an object, not an array"]);
}

#[test]
fn a_body_must_not_be_null() {
    assert_eq!(faults("null"), [" must be an object, not null"]);
}

#[test]
fn too_few_items_are_told() {
    let components = json!({"List": {"type": "array", "minItems": 2}});
    let shape = Shape::new("List", &components).unwrap();
    assert_eq!(parse::<Value>(&shape, b"[1]").unwrap_err()[0].reason, "must have 2 or more items, not 1");
    assert!(parse::<Value>(&shape, b"[1, 2]").is_ok());
}

#[test]
fn a_member_that_appears_twice_is_refused_at_any_depth() {
    assert_eq!(faults(r#"{"name": "a", "name": "a"}"#), ["/name appears twice"]);
    assert_eq!(faults(r#"{"name": "a", "n\u0061me": "b"}"#), ["/name appears twice"]);
    assert_eq!(faults(r#"{"name": "a", "parent": {"id": "p", "id": "q"}}"#), ["/parent/id appears twice"]);
    assert_eq!(faults(r#"{"name": "a", "x": [{"y": 1, "\u0079": 2}]}"#), ["/x/0/y appears twice"]);
    assert_eq!(
        faults(r#"{"name": "a", "x": 1, "x": 2, "name": 3}"#),
        ["/x appears twice", "/name appears twice", "/name must be a string, not a number"]
    );
}

#[test]
fn what_is_not_json_is_told_with_its_place() {
    for (text, pointer) in [
        (r#"{"name": "a""#, ""),
        (r#"{"name": tru}"#, "/name"),
        (r#"{"name": "a"} x"#, ""),
        (r#"{"name": 5, "tags": [1, }"#, "/tags/1"),
        ("\u{feff}{}", ""),
        (r#"{"name": "\ud800"}"#, "/name"),
        ("{\"name\": \"\n\"}", "/name"),
    ] {
        let faults = thing(text).unwrap_err();
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert_eq!(faults[0].pointer, pointer, "{text}");
        assert!(faults[0].reason.starts_with("is not JSON: "), "{faults:?}");
        assert!(faults[0].reason.contains(" at line "), "{faults:?}");
    }
}

#[test]
fn text_that_is_not_utf_8_is_not_json() {
    let faults = parse::<Value>(&anything(), b"{\"x\": \"\xff\"}").unwrap_err();
    assert!(faults[0].reason.starts_with("is not JSON: "), "{faults:?}");
}

#[test]
fn an_empty_body_is_told() {
    for text in ["", " \r\n"] {
        assert_eq!(faults(text), [" is empty: send a JSON object"]);
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse::<Value>(&anything(), nested(DEPTH_MAX).as_bytes()).is_ok());
    for levels in [DEPTH_MAX + 1, 100_000] {
        let faults = parse::<Value>(&anything(), nested(levels).as_bytes()).unwrap_err();
        assert_eq!(faults, [Fault { pointer: "/0".repeat(DEPTH_MAX), reason: "is nested deeper than 32 levels".into() }]);
    }
}

#[test]
fn siblings_do_not_add_to_the_depth() {
    let text = format!("[{}[]]", "[[{}]],".repeat(DEPTH_MAX * 2));
    assert!(parse::<Value>(&anything(), text.as_bytes()).is_ok());
}

#[test]
fn no_more_faults_than_the_limit_are_told() {
    let text =
        format!(r#"{{"name": "a", "flags": {{{}}}}}"#, (0..1000).map(|i| format!(r#""f{i}": 1"#)).collect::<Vec<_>>().join(","));
    assert_eq!(faults(&text).len(), FAULTS_MAX);
}

#[test]
fn what_only_the_type_refuses_is_told_with_its_place() {
    assert_eq!(faults(r#"{"name": "a", "small": 300}"#), ["/small invalid value: integer `300`, expected u8"]);
    assert_eq!(
        faults(r#"{"name": "a", "tags": [{"a/b~c": 9223372036854775808}]}"#),
        ["/tags/0/a~1b~0c invalid value: integer `9223372036854775808`, expected i64"]
    );
}

/// Any JSON of a few levels, without duplicate members.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("name|parent|tags|[a/~]{0,2}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Agrees with `serde_json` about what JSON is and says, duplicate members aside.
fn agrees_with_serde_json(text: &[u8]) {
    let ours = parse::<Value>(&anything(), text);
    let theirs = serde_json::from_slice::<Value>(text);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs),
        (Err(faults), Ok(_)) => assert!(faults.iter().all(|fault| fault.reason == "appears twice"), "{faults:?}"),
        (Ok(ours), Err(theirs)) => panic!("{ours} is read, but {theirs}"),
        (Err(faults), Err(_)) => assert!(!faults.is_empty()),
    }
}

proptest! {
    #[test]
    fn any_json_is_read_as_serde_json_reads_it(json in json()) {
        let text = json.to_string();
        prop_assert_eq!(parse::<Value>(&anything(), text.as_bytes()).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn broken_json_is_refused_as_serde_json_refuses_it(json in json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = json.to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        agrees_with_serde_json(&text);
    }

    #[test]
    fn what_looks_like_json_is_refused_as_serde_json_refuses_it(text in r#"([\[\]{},: ]|"[ab]"|1|-|\.|e|null|\\u00){0,12}"#) {
        agrees_with_serde_json(text.as_bytes());
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in prop::collection::vec(any::<u8>(), 0..64), json in json()) {
        let shape = shape_of::<NewThing>();
        let _ = parse::<NewThing>(&shape, &text);
        let _ = parse::<NewThing>(&shape, json.to_string().as_bytes());
    }
}
