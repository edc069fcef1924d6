//! Templates as YAML.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The version of the template format, the only one there is.
const FORMAT: &str = "2010-09-09";

/// A template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Template {
    /// Lines of the comment at the start.
    pub header: Vec<String>,
    pub description: String,
    pub metadata: Map<String, Value>,
    /// Parameters by name.
    pub parameters: BTreeMap<String, Value>,
    /// Resources by logical id.
    pub resources: BTreeMap<String, Value>,
    /// Outputs by name.
    pub outputs: BTreeMap<String, Value>,
}

impl Template {
    /// The template as YAML: sections in the order of CloudFormation's documentation, each resource with its type first.
    pub fn to_text(&self) -> String {
        let mut text: String = self.header.iter().map(|line| format!("# {line}\n")).collect();
        text.push_str(&kopsform_yaml::to_string(&json!({ "AWSTemplateFormatVersion": FORMAT })));
        text.push_str(&kopsform_yaml::to_string(&json!({ "Description": self.description })));
        if !self.metadata.is_empty() {
            text.push_str(&kopsform_yaml::to_string(&json!({ "Metadata": self.metadata })));
        }
        for (section, entries) in
            [("Parameters", &self.parameters), ("Resources", &self.resources), ("Outputs", &self.outputs)]
        {
            if entries.is_empty() {
                continue;
            }
            text.push_str(&format!("{section}:\n"));
            for (name, entry) in entries {
                text.push_str(&indented(
                    &kopsform_yaml::to_string(&json!({ name: Value::Null })).replace(" null", ""),
                    2,
                ));
                text.push_str(&indented(&typed(entry), 4));
            }
        }
        text
    }
}

/// The fields of an entry, its type before the others.
fn typed(entry: &Value) -> String {
    let Value::Object(fields) = entry else { return kopsform_yaml::to_string(entry) };
    let mut rest = fields.clone();
    let mut text = match rest.remove("Type") {
        Some(kind) => kopsform_yaml::to_string(&json!({ "Type": kind })),
        None => String::new(),
    };
    if !rest.is_empty() {
        text.push_str(&kopsform_yaml::to_string(&Value::Object(rest)));
    }
    text
}

/// Text with each line that is not empty moved to the right.
fn indented(text: &str, by: usize) -> String {
    let margin = " ".repeat(by);
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{margin}{line}\n") };
    text.split_terminator('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Value {
        let parsed = kopsform_yaml::parse("t", text);
        assert!(parsed.report.is_empty(), "{}\n{text}", parsed.report);
        parsed.documents.first().unwrap().root.to_json()
    }

    #[test]
    fn sections_and_types_come_in_the_usual_order() {
        let resource =
            json!({ "Type": "AWS::EC2::VPC", "DependsOn": ["A"], "Properties": { "UserData": "a\n\n  b\n" } });
        let template = Template {
            header: vec!["Generated.".to_owned()],
            description: "A cluster".to_owned(),
            resources: BTreeMap::from([("Vpc".to_owned(), resource)]),
            outputs: BTreeMap::from([("VpcId".to_owned(), json!({ "Value": { "Ref": "Vpc" } }))]),
            ..Template::default()
        };
        let expected = "\
# Generated.
AWSTemplateFormatVersion: \"2010-09-09\"
Description: A cluster
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    DependsOn:
    - A
    Properties:
      UserData: |
        a

          b
Outputs:
  VpcId:
    Value:
      Ref: Vpc
";
        assert_eq!(template.to_text(), expected);
    }

    fn contents() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~]{0,12}",
            "([a-z$#:' {}-]{0,30}\n? ?){0,5}",
            "(\n|\r\n|  x|\t|\\PC){0,8}",
            "(yes|2012-10-17|0x1|1_0|\\$\\{a\\}| ){1,40}",
        ]
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            contents().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 30, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(Value::from),
                prop::collection::btree_map("[A-Za-z:.$]{1,10}", inner, 1..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_template_reads_back_the_same(
            properties in prop::collection::btree_map("[A-Z][a-z]{0,8}", values(), 1..4),
            description in "[ -~]{1,90}",
            ids in prop::collection::btree_set("[A-Za-z0-9]{1,9}", 1..4),
        ) {
            let resource = json!({ "Type": "AWS::EC2::VPC", "Properties": properties });
            let template = Template {
                description: description.clone(),
                resources: ids.iter().map(|id| (id.clone(), resource.clone())).collect(),
                outputs: ids.iter().map(|id| (id.clone(), json!({ "Value": "x" }))).collect(),
                ..Template::default()
            };
            let back = read(&template.to_text());
            prop_assert_eq!(&back["Description"], &Value::from(description));
            prop_assert_eq!(&back["Resources"], &json!(template.resources));
            prop_assert_eq!(&back["Outputs"], &json!(template.outputs));
        }
    }
}
