//! The arguments of a call, which the evaluator has checked against the parameters.

use std::sync::Arc;

use crate::object::Object;
use crate::value::{List, Map, Value};

/// Arguments, in order. An argument that is missing or of another type than asked for is Go's zero value.
#[derive(Debug)]
pub struct Args(pub(crate) Vec<Value>);

impl Args {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Any argument.
    pub fn any(&self, index: usize) -> &Value {
        const ABSENT: &Value = &Value::Absent;
        self.0.get(index).unwrap_or(ABSENT)
    }

    /// The last argument.
    pub fn last(&self) -> &Value {
        self.any(self.0.len().saturating_sub(1))
    }

    /// The arguments from one on.
    pub fn rest(&self, from: usize) -> &[Value] {
        self.0.get(from..).unwrap_or_default()
    }

    /// A string argument.
    pub fn text(&self, index: usize) -> &str {
        self.any(index).as_str().unwrap_or_default()
    }

    /// A string argument, shared.
    pub fn shared(&self, index: usize) -> Arc<str> {
        match self.any(index) {
            Value::Str(text) => text.clone(),
            _ => Arc::from(""),
        }
    }

    /// An integer argument.
    pub fn int(&self, index: usize) -> i64 {
        match self.any(index) {
            Value::Int(n) => *n,
            _ => 0,
        }
    }

    /// A float argument.
    pub fn float(&self, index: usize) -> f64 {
        match self.any(index) {
            Value::Float(n) => *n,
            _ => 0.0,
        }
    }

    /// A boolean argument.
    pub fn truth(&self, index: usize) -> bool {
        matches!(self.any(index), Value::Bool(true))
    }

    /// A map argument.
    pub fn map(&self, index: usize) -> Map {
        match self.any(index) {
            Value::Map(map) => map.clone(),
            _ => Map::nil(),
        }
    }

    /// A list argument's items.
    pub fn items(&self, index: usize) -> &[Value] {
        match self.any(index) {
            Value::List(list) => List::items(list),
            _ => &[],
        }
    }

    /// An argument with methods.
    pub fn object(&self, index: usize) -> Option<&Object> {
        match self.any(index) {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }
}
