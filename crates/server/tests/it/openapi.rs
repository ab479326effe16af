//! The document that describes every route.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::credentials::OPEN;
use crate::harness::world::World;

pub(crate) fn document() -> Value {
    serde_json::from_str(&umbel_server::openapi_document()).unwrap()
}

/// Method and path of every operation.
pub(crate) fn routes() -> Vec<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, operations)| {
        let methods = operations.as_object().unwrap().keys();
        methods.map(move |method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

/// Those of them that need a credential, as `METHOD /path`.
pub(crate) fn closed_routes() -> BTreeSet<String> {
    let all = routes().into_iter().map(|(method, path)| format!("{method} {path}"));
    all.filter(|name| !OPEN.iter().any(|(open, _)| open == name)).collect()
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, operations)| {
        operations.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    operations.collect()
}

#[test]
fn openapi_json_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let document = umbel_server::openapi_document();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == document, "openapi.json is out of date: `make fix` renews it");
}

#[test]
fn the_document_is_served_as_it_is_committed() {
    World::bare().on_each_engine(async |app| {
        let served = app.get("/umbel/v1/openapi.json").await.expect(200);
        assert_eq!(served.header("content-type"), Some("application/json"));
        assert_eq!(served.body, umbel_server::openapi_document());
    });
}

#[test]
fn the_document_is_openapi_3_1() {
    assert!(document()["openapi"].as_str().unwrap().starts_with("3.1."));
}

#[test]
fn every_reference_resolves() {
    fn walk<'d>(value: &'d Value, found: &mut Vec<&'d str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| walk(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut references = Vec::new();
    walk(&document, &mut references);
    assert!(references.len() > 50, "{}", references.len());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_schema_is_used() {
    let document = document();
    let text = document.to_string();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("\"#/components/schemas/{name}\"")), "{name}");
    }
}

#[test]
fn every_operation_says_what_it_does_and_how_it_fails() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        for member in ["summary", "description", "operationId"] {
            assert!(operation[member].as_str().is_some_and(|text| !text.is_empty()), "{name}: {member}");
        }
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}: the id is another's too");
        let open = OPEN.iter().any(|(open, _)| open.eq_ignore_ascii_case(&name));
        let responses = operation["responses"].as_object().unwrap();
        for status in ["400", "401", "500", "503"] {
            assert!(open || responses.contains_key(status), "{name}: {status}");
        }
        assert_eq!(operation.get("security").is_some(), !open, "{name}: security");
        for (status, response) in responses {
            assert!(!response["description"].as_str().unwrap().is_empty(), "{name}: {status}");
            let has_body = response.get("content").is_some();
            assert_eq!(has_body, !["204", "303"].contains(&status.as_str()), "{name}: {status}");
        }
    }
}

#[test]
fn every_id_in_a_path_is_a_parameter_with_its_pattern() {
    let document = document();
    for (name, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let described =
            |id: &str| parameters.iter().any(|p| p["in"] == "path" && p["name"] == id && p["schema"]["pattern"].is_string());
        for id in name.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
            assert!(described(id), "{name}: {id}");
        }
    }
}
