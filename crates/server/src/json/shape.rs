//! What a body may look like, compiled from the schema that describes it to clients.

use std::collections::HashMap;

use serde_json::Value;

/// The members, types and words that a body may have.
///
/// Read are `type`, `properties`, `required`, `additionalProperties`, `items`, `minItems`, `maxItems`, `enum` (of strings),
/// `$ref` and a `oneOf` of null and one other schema, which is all that derived schemas of plain structs and enums use. What
/// limits a single text or number (`format`, `minLength`, `maximum` …) is left to the types that read it.
#[derive(Debug)]
pub(crate) struct Shape {
    nodes: Vec<Node>,
    root: NodeId,
}

/// The place of a schema in its shape; schemas refer to each other, so that they cannot own each other.
pub(super) type NodeId = usize;

#[derive(Debug)]
enum Node {
    Schema(Schema),
    Reference { to: NodeId, nullable: bool },
}

/// One schema; the default accepts anything.
#[derive(Debug, Default)]
pub(super) struct Schema {
    /// What a value may be; anything, when empty.
    pub(super) kinds: Vec<Kind>,
    /// What a string may say; anything, when empty.
    pub(super) words: Vec<String>,
    pub(super) members: Vec<Member>,
    /// The schema of the members that are not named.
    pub(super) other_members: Option<NodeId>,
    pub(super) items: Option<NodeId>,
    pub(super) items_min: u64,
    pub(super) items_max: Option<u64>,
}

/// A named member of an object.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) node: NodeId,
}

/// The types of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::String,
            "array" => Self::Array,
            "object" => Self::Object,
            _ => return None,
        })
    }

    /// The kind with its article.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

impl Shape {
    /// Compiles the schema `root_name` of `components`, an object of schemas by name that refer to each other as
    /// `#/components/schemas/{name}`. A schema that a shape cannot hold a body to is an error that names it.
    pub(crate) fn new(root_name: &str, components: &Value) -> Result<Self, String> {
        let mut compiler = Compiler { components, nodes: Vec::new(), named: HashMap::new() };
        let root = compiler.named(root_name)?;
        Ok(Self { nodes: compiler.nodes, root })
    }

    pub(super) fn root(&self) -> NodeId {
        self.root
    }

    /// The schema at `id`, and whether null is allowed in its place.
    pub(super) fn schema(&self, mut id: NodeId) -> (&Schema, bool) {
        let mut or_null = false;
        loop {
            match &self.nodes[id] {
                Node::Schema(schema) => return (schema, or_null || schema.kinds.contains(&Kind::Null)),
                Node::Reference { to, nullable } => {
                    or_null |= nullable;
                    id = *to;
                }
            }
        }
    }
}

struct Compiler<'c> {
    components: &'c Value,
    nodes: Vec<Node>,
    named: HashMap<&'c str, NodeId>,
}

impl<'c> Compiler<'c> {
    fn named(&mut self, name: &str) -> Result<NodeId, String> {
        if let Some(id) = self.named.get(name) {
            return Ok(*id);
        }
        let Some((name, schema)) = self.components.as_object().and_then(|schemas| schemas.get_key_value(name)) else {
            return Err(format!("schema {name} is not among the components; add it to them"));
        };
        let id = self.reserve();
        self.named.insert(name, id); // before its members, which may refer to it
        self.compile(id, schema).map_err(|reason| format!("schema {name}: {reason}"))?;
        Ok(id)
    }

    fn unnamed(&mut self, schema: &'c Value) -> Result<NodeId, String> {
        let id = self.reserve();
        self.compile(id, schema)?;
        Ok(id)
    }

    fn reserve(&mut self) -> NodeId {
        self.nodes.push(Node::Schema(Schema::default()));
        self.nodes.len() - 1
    }

    fn compile(&mut self, id: NodeId, schema: &'c Value) -> Result<(), String> {
        if let Some(combination) = ["allOf", "anyOf"].into_iter().find(|word| schema.get(word).is_some()) {
            return Err(format!("{combination} cannot be checked; describe the body as one plain struct"));
        }
        self.nodes[id] = if let Some(path) = schema["$ref"].as_str() {
            let name = path.strip_prefix("#/components/schemas/").unwrap_or(path);
            Node::Reference { to: self.named(name)?, nullable: false }
        } else if let Some(alternatives) = schema["oneOf"].as_array() {
            let [null, other] = alternatives.as_slice() else {
                return Err("oneOf can be checked only when it is null and one other schema".into());
            };
            if null["type"] != "null" {
                return Err("oneOf can be checked only when its first alternative is null".into());
            }
            Node::Reference { to: self.unnamed(other)?, nullable: true }
        } else {
            Node::Schema(self.schema(schema)?)
        };
        Ok(())
    }

    fn schema(&mut self, schema: &'c Value) -> Result<Schema, String> {
        let required: Vec<&str> = strings(&schema["required"]).collect();
        let mut members = Vec::new();
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let required = required.contains(&name.as_str());
            members.push(Member { name: name.clone(), required, node: self.unnamed(member)? });
        }
        Ok(Schema {
            kinds: strings(&schema["type"]).chain(schema["type"].as_str()).filter_map(Kind::parse).collect(),
            words: strings(&schema["enum"]).map(str::to_owned).collect(),
            members,
            other_members: schema.get("additionalProperties").map(|other| self.unnamed(other)).transpose()?,
            items: schema.get("items").map(|item| self.unnamed(item)).transpose()?,
            items_min: schema["minItems"].as_u64().unwrap_or(0),
            items_max: schema["maxItems"].as_u64(),
        })
    }
}

/// The strings of a list; none, when it is not a list.
fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_may_refer_to_itself() {
        let components = json!({"Tree": {"type": "object", "properties": {
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
        }}});
        assert!(Shape::new("Tree", &components).is_ok());
    }

    #[test]
    fn a_schema_that_is_not_there_is_named() {
        let components = json!({"New": {"properties": {"parent": {"$ref": "#/components/schemas/Parent"}}}});
        let error = Shape::new("New", &components).unwrap_err();
        assert_eq!(error, "schema New: schema Parent is not among the components; add it to them");
    }

    #[test]
    fn a_schema_that_a_shape_cannot_hold_a_body_to_is_refused() {
        for schema in [
            json!({"allOf": [{"type": "object"}]}),
            json!({"anyOf": [{"type": "object"}, {"type": "null"}]}),
            json!({"oneOf": [{"type": "object"}, {"type": "string"}]}),
            json!({"oneOf": [{"type": "null"}, {"type": "object"}, {"type": "string"}]}),
        ] {
            let components = json!({"New": {"type": "object", "properties": {"inner": schema}}});
            assert!(Shape::new("New", &components).is_err(), "{components}");
        }
    }
}
