//! The values of templates: Go's dynamic types, as far as templates can distinguish them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::object::Object;

/// A value of a template. Lists are immutable; maps are shared and change in place (`set`, `unset`, `merge`), as in Go. Each
/// variant is a Go type.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// No value: a missing key, where that is not an error.
    #[default]
    Absent,
    /// A null of the data, or `nil`.
    Nil,
    /// `bool`.
    Bool(bool),
    /// `int`: constants, lengths, indices.
    Int(i64),
    /// `int64`: results of sprig's arithmetic.
    Int64(i64),
    /// `uint64`: the parts of a version.
    Uint64(u64),
    /// `uint8`: a byte of a string.
    Uint8(u8),
    /// `float64`: with [`Value::with_float_numbers`], every number of a values file.
    Float(f64),
    /// `string`.
    Str(Arc<str>),
    /// A slice.
    List(List),
    /// A map with string keys.
    Map(Map),
    /// A value with methods: a time, a version.
    Object(Rc<Object>),
}

/// The declared element type of a list or map. It matters for type names, parameters and deep comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// `interface {}`.
    Any,
    /// `string`.
    Str,
    /// `int`.
    Int,
    /// `[]interface {}`.
    List,
}

impl Element {
    fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Str => "string",
            Self::Int => "int",
            Self::List => "[]interface {}",
        }
    }
}

/// A list. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct List {
    items: Rc<Items>,
    element: Element,
    nil: bool,
}

#[derive(Debug, Default)]
struct Items(Vec<Value>);

impl List {
    /// A list of anything.
    pub fn new(items: Vec<Value>) -> Self {
        Self::of(Element::Any, items)
    }

    /// A list declared to hold one type.
    pub fn of(element: Element, items: Vec<Value>) -> Self {
        Self { items: Rc::new(Items(items)), element, nil: false }
    }

    /// Go's nil slice: empty, and null in JSON.
    pub fn nil(element: Element) -> Self {
        Self { items: Rc::default(), element, nil: true }
    }

    /// A list of strings.
    pub fn strings<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::of(Element::Str, items.into_iter().map(|s| Value::from(s.as_ref())).collect())
    }

    /// Its items.
    pub fn items(&self) -> &[Value] {
        &self.items.0
    }

    /// What it is declared to hold.
    pub fn element(&self) -> Element {
        self.element
    }

    /// Whether it is Go's nil slice.
    pub fn is_nil(&self) -> bool {
        self.nil
    }
}

/// A map with string keys in their byte order. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Map {
    entries: Rc<Entries>,
    element: Element,
    nil: bool,
}

#[derive(Debug, Default)]
struct Entries(RefCell<BTreeMap<Arc<str>, Value>>);

impl Map {
    /// A map of anything.
    pub fn new(entries: BTreeMap<Arc<str>, Value>) -> Self {
        Self::of(Element::Any, entries)
    }

    /// A map declared to hold one type.
    pub fn of(element: Element, entries: BTreeMap<Arc<str>, Value>) -> Self {
        Self { entries: Rc::new(Entries(RefCell::new(entries))), element, nil: false }
    }

    /// Go's nil map: it can be read, not written.
    pub fn nil() -> Self {
        Self { entries: Rc::default(), element: Element::Any, nil: true }
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.entries.0.borrow().get(key).cloned()
    }

    /// Whether there is such a key.
    pub fn contains(&self, key: &str) -> bool {
        self.entries.0.borrow().contains_key(key)
    }

    /// Sets a key, for everyone who shares the map.
    pub fn insert(&self, key: Arc<str>, value: Value) {
        let before = self.entries.0.borrow_mut().insert(key, value);
        drop(before);
    }

    /// Removes a key, for everyone who shares the map.
    pub fn remove(&self, key: &str) {
        let before = self.entries.0.borrow_mut().remove(key);
        drop(before);
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.entries.0.borrow().len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys, in order.
    pub fn keys(&self) -> Vec<Arc<str>> {
        self.entries.0.borrow().keys().cloned().collect()
    }

    /// A copy of the entries, in the order of their keys.
    pub fn entries(&self) -> Vec<(Arc<str>, Value)> {
        self.entries.0.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// What it is declared to hold.
    pub fn element(&self) -> Element {
        self.element
    }

    /// Whether it is Go's nil map.
    pub fn is_nil(&self) -> bool {
        self.nil
    }

    /// Whether both are the same map, not only equal ones.
    pub fn is(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.entries, &other.entries)
    }
}

// Templates can nest values deeper than the stack allows to drop them recursively.
impl Drop for Items {
    fn drop(&mut self) {
        release(std::mem::take(&mut self.0));
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        release(std::mem::take(self.0.get_mut()).into_values().collect());
    }
}

fn release(values: Vec<Value>) {
    if !values.iter().any(|v| matches!(v, Value::List(_) | Value::Map(_))) {
        return;
    }
    let mut pending = values;
    while let Some(value) = pending.pop() {
        match value {
            Value::List(mut list) => {
                if let Some(items) = Rc::get_mut(&mut list.items) {
                    pending.append(&mut items.0);
                }
            }
            Value::Map(mut map) => {
                if let Some(entries) = Rc::get_mut(&mut map.entries) {
                    pending.extend(std::mem::take(entries.0.get_mut()).into_values());
                }
            }
            _ => {}
        }
    }
}

impl Value {
    /// An empty map.
    pub fn empty_map() -> Self {
        Self::Map(Map::new(BTreeMap::new()))
    }

    /// Whether it is a null or no value at all.
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Absent | Self::Nil)
    }

    /// The content of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it counts as true in `if`: not zero, not empty, not null.
    pub fn truth(&self) -> bool {
        match self {
            Self::Absent | Self::Nil => false,
            Self::Bool(b) => *b,
            Self::Int(n) | Self::Int64(n) => *n != 0,
            Self::Uint64(n) => *n != 0,
            Self::Uint8(n) => *n != 0,
            Self::Float(n) => *n != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::List(list) => !list.items().is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Object(object) => object.truth(),
        }
    }

    /// The name of its type as Go prints it with `%T`.
    pub fn type_name(&self) -> String {
        match self {
            Self::Absent | Self::Nil => "<nil>".to_owned(),
            Self::Bool(_) => "bool".to_owned(),
            Self::Int(_) => "int".to_owned(),
            Self::Int64(_) => "int64".to_owned(),
            Self::Uint64(_) => "uint64".to_owned(),
            Self::Uint8(_) => "uint8".to_owned(),
            Self::Float(_) => "float64".to_owned(),
            Self::Str(_) => "string".to_owned(),
            Self::List(list) => format!("[]{}", list.element.type_name()),
            Self::Map(map) => format!("map[string]{}", map.element.type_name()),
            Self::Object(object) => object.type_name().to_owned(),
        }
    }

    /// The name of its kind as Go's reflection gives it.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Absent | Self::Nil => "invalid",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Uint64(_) => "uint64",
            Self::Uint8(_) => "uint8",
            Self::Float(_) => "float64",
            Self::Str(_) => "string",
            Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Object(object) => object.kind_name(),
        }
    }

    /// A document whose numbers are all `float64`, as in the values files of kops and Helm.
    pub fn with_float_numbers(document: &serde_json::Value) -> Self {
        Self::from_json(document, true)
    }

    fn from_json(document: &serde_json::Value, floats: bool) -> Self {
        match document {
            serde_json::Value::Null => Self::Nil,
            serde_json::Value::Bool(b) => Self::Bool(*b),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                _ if floats => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
                (Some(n), _) => Self::Int(n),
                (_, Some(n)) => Self::Uint64(n),
                _ => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Self::from(text.as_str()),
            serde_json::Value::Array(items) => {
                Self::List(List::new(items.iter().map(|v| Self::from_json(v, floats)).collect()))
            }
            serde_json::Value::Object(entries) => Self::Map(Map::new(
                entries.iter().map(|(k, v)| (Arc::from(k.as_str()), Self::from_json(v, floats))).collect(),
            )),
        }
    }
}

/// Whole numbers become `int`, so that large ones print without an exponent.
impl From<&serde_json::Value> for Value {
    fn from(document: &serde_json::Value) -> Self {
        Self::from_json(document, false)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(Arc::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(Arc::from(text))
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::Str(text)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Self::Float(n)
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::List(list)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(Rc::new(object))
    }
}

impl FromIterator<(Arc<str>, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(entries: I) -> Self {
        Self::new(entries.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tower_of_a_million_lists_can_be_dropped() {
        let mut value = Value::Nil;
        for _ in 0..1_000_000 {
            value = Value::List(List::new(vec![value]));
        }
        drop(value);
        let mut value = Value::Nil;
        for _ in 0..1_000_000 {
            value = Map::from_iter([(Arc::from("a"), value)]).into();
        }
        drop(value);
    }

    #[test]
    fn maps_are_shared() {
        let map = Map::new(BTreeMap::new());
        let other = map.clone();
        other.insert("a".into(), Value::Int(1));
        assert!(map.contains("a"));
        assert!(map.is(&other));
    }

    #[test]
    fn numbers_of_values_files_are_floats() {
        let document = serde_json::json!({"n": 3});
        assert!(matches!(Value::from(&document), Value::Map(m) if matches!(m.get("n"), Some(Value::Int(3)))));
        assert!(matches!(Value::with_float_numbers(&document),
            Value::Map(m) if matches!(m.get("n"), Some(Value::Float(n)) if n == 3.0)));
    }
}
