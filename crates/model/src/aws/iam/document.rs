//! IAM policy documents as typed statements, and their JSON text.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The version of the policy language, the only current one.
const LANGUAGE_VERSION: &str = "2012-10-17";

/// A policy: who may do what with which resources under which conditions.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    /// The statements; the order has no meaning to AWS.
    pub statement: Vec<Statement>,
    version: &'static str,
}

/// One statement of a policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// What may be done: `ec2:DescribeInstances`.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub action: Values,
    /// Under which conditions: operator → condition key → value or values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: Conditions,
    /// Whether it is allowed or denied.
    pub effect: Effect,
    /// Every action except these, in statements that users write.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub not_action: Values,
    /// Every resource except these, in statements that users write.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub not_resource: Values,
    /// Who may do it, in policies of a resource and in trust policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    /// The resources it is about, by ARN.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub resource: Values,
}

/// Operator → condition key → value: `StringEquals` → `aws:ResourceTag/Name` → `"a"`.
pub type Conditions = BTreeMap<String, BTreeMap<String, Value>>;

/// Whether a statement gives or takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub enum Effect {
    /// Grants the permission.
    #[default]
    Allow,
    /// Takes it, whatever other statements give.
    Deny,
}

/// Who a statement is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Principal {
    /// Holders of a token of an identity provider, by its ARN.
    Federated(String),
    /// AWS services, such as `ec2.amazonaws.com`.
    Service(Values),
}

/// A set of strings; in JSON an array, or a plain string if there is only one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    items: BTreeSet<String>,
    always_array: bool,
}

impl Values {
    /// A set that is written as a plain string when it has one member.
    pub fn of<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Self {
        Self { items: items.into_iter().map(Into::into).collect(), always_array: false }
    }

    /// A set that is written as an array, however many members it has.
    pub fn array<S: Into<String>>(items: impl IntoIterator<Item = S>) -> Self {
        Self { items: items.into_iter().map(Into::into).collect(), always_array: true }
    }

    /// One string.
    pub fn one(item: impl Into<String>) -> Self {
        Self::of([item])
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn parse(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::one(text)),
            Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<Vec<_>>>().map(Self::array::<&str>),
            _ => None,
        }
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.items.first() {
            Some(only) if self.items.len() == 1 && !self.always_array => serializer.serialize_str(only),
            _ => serializer.collect_seq(&self.items),
        }
    }
}

/// Why statements that a user wrote cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// It is no JSON.
    #[error("is not valid JSON: {0}")]
    Json(String),
    /// It is JSON but no array of objects.
    #[error("must be a JSON array of statements")]
    NotStatements,
    /// An element of a statement has a form that IAM does not know.
    #[error("statement {index}: {element} has a form that IAM does not know")]
    Element {
        /// Which statement, from 0.
        index: usize,
        /// The element: `Action`.
        element: &'static str,
    },
    /// There are none, which IAM refuses.
    #[error("contains no statement")]
    Empty,
}

impl PolicyDocument {
    /// A policy of these statements.
    pub fn new(statement: Vec<Statement>) -> Self {
        Self { statement, version: LANGUAGE_VERSION }
    }

    /// A policy of the statements in a JSON array, as `additionalPolicies` and `inlinePolicy` hold it.
    ///
    /// Element names match in any case. `Sid` is left out, as kops does; IAM gives it no meaning.
    pub fn parse_statements(text: &str) -> Result<Self, StatementError> {
        let value: Value = serde_json::from_str(text).map_err(|e| StatementError::Json(e.to_string()))?;
        let items = value.as_array().ok_or(StatementError::NotStatements)?;
        if items.is_empty() {
            return Err(StatementError::Empty);
        }
        items
            .iter()
            .enumerate()
            .map(|(index, item)| Statement::parse(index, item))
            .collect::<Result<_, _>>()
            .map(Self::new)
    }

    /// The JSON text, indented by two spaces.
    pub fn to_json(&self) -> String {
        // Maps with text keys and plain values: serializing cannot fail.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        // Go escapes what HTML would take for markup; the same bytes keep a plan empty.
        text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
    }
}

impl Statement {
    fn parse(index: usize, value: &Value) -> Result<Self, StatementError> {
        let map = value.as_object().ok_or(StatementError::NotStatements)?;
        let element = |name: &str| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let bad = |element| StatementError::Element { index, element };
        let values = |name: &'static str| match element(name) {
            None | Some(Value::Null) => Ok(Values::default()),
            Some(value) => Values::parse(value).ok_or(bad(name)),
        };
        let effect = match element("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err(bad("Effect")),
        };
        if element("Principal").or(element("NotPrincipal")).is_some() {
            // Only policies of a resource name a principal; these are attached to a role.
            return Err(bad("Principal"));
        }
        let condition = match element("Condition") {
            None | Some(Value::Null) => Conditions::new(),
            Some(value) => serde_json::from_value(value.clone()).map_err(|_| bad("Condition"))?,
        };
        Ok(Self {
            action: values("Action")?,
            condition,
            effect,
            not_action: values("NotAction")?,
            not_resource: values("NotResource")?,
            principal: None,
            resource: values("Resource")?,
        })
    }

    /// Adds a condition that a key equals a value.
    #[must_use]
    pub fn when(mut self, operator: &str, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.condition.entry(operator.to_owned()).or_default().insert(key.into(), value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn one_value_is_a_text_and_several_are_an_array() {
        let statement = Statement {
            action: Values::of(["s3:PutObject", "s3:GetObject"]),
            resource: Values::one("*"),
            ..Statement::default()
        };
        assert_eq!(
            serde_json::to_string(&statement).unwrap(),
            r#"{"Action":["s3:GetObject","s3:PutObject"],"Effect":"Allow","Resource":"*"}"#
        );
        assert_eq!(serde_json::to_string(&Values::array(["*"])).unwrap(), r#"["*"]"#);
    }

    #[test]
    fn the_text_is_that_of_kops() {
        let document = PolicyDocument::new(vec![
            Statement { action: Values::one("a:B"), resource: Values::one("*"), ..Statement::default() }.when(
                "StringLike",
                "k",
                "<x>",
            ),
        ]);
        let expected = r#"{
  "Statement": [
    {
      "Action": "a:B",
      "Condition": {
        "StringLike": {
          "k": "\u003cx\u003e"
        }
      },
      "Effect": "Allow",
      "Resource": "*"
    }
  ],
  "Version": "2012-10-17"
}"#;
        assert_eq!(document.to_json(), expected);
    }

    #[test]
    fn statements_of_the_user_keep_all_but_the_sid() {
        let document = PolicyDocument::parse_statements(
            r#"[{"Sid": "X", "effect": "Deny", "NotAction": ["b", "a"], "Resource": "*",
                 "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}}}]"#,
        )
        .unwrap();
        let value: Value = serde_json::from_str(&document.to_json()).unwrap();
        assert_eq!(
            value["Statement"],
            serde_json::json!([{
                "Effect": "Deny", "NotAction": ["a", "b"], "Resource": "*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}},
            }])
        );
    }

    #[test]
    fn bad_statements_say_where() {
        let parse = |text| PolicyDocument::parse_statements(text).unwrap_err();
        assert!(matches!(parse("{"), StatementError::Json(_)));
        assert_eq!(parse("{}"), StatementError::NotStatements);
        assert_eq!(parse("[]"), StatementError::Empty);
        assert_eq!(
            parse(r#"[{"Effect": "Allow"}, {"Effect": "allow"}]"#).to_string(),
            "statement 1: Effect has a form that IAM does not know"
        );
        assert_eq!(
            parse(r#"[{"Effect": "Allow", "Action": 1}]"#),
            StatementError::Element { index: 0, element: "Action" }
        );
    }
}
