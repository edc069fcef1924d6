//! Differences between two trees of values, with rules for what the order of a list means.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde_json::Value;

use crate::path::{Path, Segment};

/// What the order of a list's items means, and how items of two versions correspond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListRule {
    /// The order counts.
    Ordered,
    /// Items correspond by their position, whatever they hold.
    Positional,
    /// The order is irrelevant.
    Set,
    /// Command-line arguments: flags correspond by name and have no order, other arguments have one.
    Arguments,
}

/// What two different strings, numbers, … at the same path mean.
pub(crate) enum Leaf {
    Equal,
    Different,
    /// They hold documents of their own, with these differences. Their paths start at the value.
    Inside(Vec<Difference>),
}

/// What is specific to a kind of document.
pub(crate) trait Rules {
    fn list(&self, path: &Path) -> ListRule;
    fn leaf(&self, path: &Path, old: &Value, new: &Value) -> Leaf;
}

/// A difference between two versions of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    pub path: Path,
    /// `None` if only the new version has a value here.
    pub old: Option<Value>,
    /// `None` if only the old version has a value here.
    pub new: Option<Value>,
    /// The same items in another order, where the order counts.
    pub reordered: bool,
}

/// Fields that identify the items of a list if each item has one and no two have the same.
const KEYS: [&str; 21] = [
    "name",
    "Sid",
    "key",
    "device_name",
    "resource_type",
    "instance_type",
    "instanceType",
    "mountPath",
    "devicePath",
    "containerPort",
    "port",
    "path",
    "id",
    "type",
    "ip",
    // CloudFormation's.
    "Key",
    "DeviceName",
    "ResourceType",
    "InstanceType",
    "PolicyName",
    "LifecycleHookName",
];

/// More candidates than this are matched in their order, so that the time stays linear.
const MAX_CANDIDATES: usize = 2_500;

/// The differences between two values, in the order of their paths in the old one.
pub(crate) fn diff(old: &Value, new: &Value, rules: &dyn Rules) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&Path::default(), set(Some(old)), set(Some(new)), rules, &mut found);
    found
}

fn compare(path: &Path, old: Option<&Value>, new: Option<&Value>, rules: &dyn Rules, found: &mut Vec<Difference>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                compare(&path.field(name), set(a.get(name)), set(b.get(name)), rules, found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => compare_lists(path, a, b, rules, found),
        (Some(a), Some(b)) if same_scalar(a, b) => {}
        (Some(a), Some(b)) => match rules.leaf(path, a, b) {
            Leaf::Equal => {}
            Leaf::Different => found.push(difference(path.clone(), Some(a), Some(b))),
            Leaf::Inside(below) => {
                found.extend(below.into_iter().map(|d| Difference { path: path.join(d.path), ..d }));
            }
        },
        (None, None) => {}
        (a, b) => found.push(difference(path.clone(), a, b)),
    }
}

/// A field that is null is a field that is not set, as in the types of Go, Kubernetes and Terraform. Items of lists are not fields.
fn set(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

fn difference(path: Path, old: Option<&Value>, new: Option<&Value>) -> Difference {
    Difference { path, old: old.cloned(), new: new.cloned(), reordered: false }
}

/// `1` and `1.0` are the same number.
fn same_scalar(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || ((a.is_f64() || b.is_f64()) && a.as_f64().is_some_and(|a| Some(a) == b.as_f64()))
        }
        _ => a == b,
    }
}

fn compare_lists(path: &Path, old: &[Value], new: &[Value], rules: &dyn Rules, found: &mut Vec<Difference>) {
    let rule = rules.list(path);
    if rule == ListRule::Arguments
        && let (Some(a), Some(b)) = (Arguments::of(old), Arguments::of(new))
    {
        return compare_arguments(path, &a, &b, rules, found);
    }
    if rule == ListRule::Positional {
        for i in 0..old.len().max(new.len()) {
            compare(&path.with(Segment::Index(i)), old.get(i), new.get(i), rules, found);
        }
        return;
    }
    if let Some((a, b)) = keyed(old, new) {
        return compare_keyed(path, rule, (&a, old), (&b, new), rules, found);
    }
    let forms = |items: &[Value]| -> Vec<String> {
        items.iter().map(|item| canonical(&path.with(Segment::Index(0)), item, rules)).collect()
    };
    let (old_forms, new_forms) = (forms(old), forms(new));
    let (old_rest, new_rest) = unmatched(&old_forms, &new_forms);
    if old_rest.is_empty() && new_rest.is_empty() {
        if rule != ListRule::Set && old_forms != new_forms {
            let mut order = difference(path.clone(), Some(&Value::from(old)), Some(&Value::from(new)));
            order.reordered = true;
            found.push(order);
        }
        return;
    }
    // Two items are versions of each other in an ordered list; in a set of scalars one is gone and another is new.
    let pairs = pair(old, new, &old_rest, &new_rest, rule);
    for (a, b) in pairs {
        let index = a.or(b).unwrap_or_default();
        let is_scalar = |item: Option<&Value>| item.is_none_or(|item| !item.is_object() && !item.is_array());
        let value = (a.map(|i| &old[i]), b.map(|i| &new[i]));
        // An only block needs no number, and the position of a value in a set means nothing.
        let below = if (old.len() == 1 && new.len() == 1 && old[0].is_object())
            || (rule == ListRule::Set && is_scalar(value.0) && is_scalar(value.1))
        {
            path.clone()
        } else {
            path.with(Segment::Index(index))
        };
        compare(&below, value.0, value.1, rules, found);
    }
}

/// The indexes of items that the other list does not have. Equal items cancel each other out one by one.
fn unmatched(old: &[String], new: &[String]) -> (Vec<usize>, Vec<usize>) {
    let mut available: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, form) in new.iter().enumerate().rev() {
        available.entry(form).or_default().push(i);
    }
    let mut used = vec![false; new.len()];
    let mut old_rest = Vec::new();
    for (i, form) in old.iter().enumerate() {
        match available.get_mut(form.as_str()).and_then(Vec::pop) {
            Some(j) => used[j] = true,
            None => old_rest.push(i),
        }
    }
    (old_rest, (0..new.len()).filter(|j| !used[*j]).collect())
}

/// Which of the items that differ are versions of each other: the ones with most fields in common.
fn pair(
    old: &[Value],
    new: &[Value],
    old_rest: &[usize],
    new_rest: &[usize],
    rule: ListRule,
) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pairs = Vec::new();
    let mut free: VecDeque<usize> = new_rest.iter().copied().collect();
    let search = old_rest.len().saturating_mul(new_rest.len()) <= MAX_CANDIDATES;
    let same_number = old_rest.len() == new_rest.len();
    for &i in old_rest {
        let scalar = !old[i].is_object() && !old[i].is_array();
        let matching = |j: usize| same_kind(&old[i], &new[j]) && (same_number || !scalar || rule != ListRule::Set);
        let best = if search {
            let candidates = free.iter().enumerate().filter(|(_, j)| matching(**j));
            candidates.map(|(at, j)| (common(&old[i], &new[*j]), Reverse(at))).max().map(|(_, at)| at.0)
        } else {
            free.front().filter(|j| matching(**j)).map(|_| 0)
        };
        pairs.push((Some(i), best.and_then(|at| free.remove(at))));
    }
    pairs.extend(free.into_iter().map(|j| (None, Some(j))));
    pairs
}

fn same_kind(a: &Value, b: &Value) -> bool {
    (a.is_object(), a.is_array()) == (b.is_object(), b.is_array())
}

/// How many fields two mappings have in common.
fn common(a: &Value, b: &Value) -> usize {
    match (a.as_object(), b.as_object()) {
        (Some(a), Some(b)) => a.iter().filter(|(name, value)| b.get(*name) == Some(value)).count(),
        _ => 0,
    }
}

type Keyed<'v> = BTreeMap<String, (usize, &'v Value)>;

/// The items of both lists by the first of [`KEYS`] that identifies all of them.
fn keyed<'v>(old: &'v [Value], new: &'v [Value]) -> Option<(Keyed<'v>, Keyed<'v>)> {
    if old.is_empty() || new.is_empty() || (old.len() == 1 && new.len() == 1 && !has_name(&old[0], &new[0])) {
        return None;
    }
    KEYS.iter().find_map(|key| Some((by_key(old, key)?, by_key(new, key)?)))
}

fn has_name(a: &Value, b: &Value) -> bool {
    a.get("name").is_some_and(|name| name.is_string() && Some(name) == b.get("name"))
}

fn by_key<'v>(items: &'v [Value], key: &str) -> Option<Keyed<'v>> {
    let mut found = BTreeMap::new();
    for (i, item) in items.iter().enumerate() {
        let name = match item.get(key)? {
            Value::String(name) => name.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        if found.insert(name, (i, item)).is_some() {
            return None;
        }
    }
    Some(found)
}

fn compare_keyed(
    path: &Path,
    rule: ListRule,
    (old, old_items): (&Keyed<'_>, &[Value]),
    (new, new_items): (&Keyed<'_>, &[Value]),
    rules: &dyn Rules,
    found: &mut Vec<Difference>,
) {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut order: Vec<(usize, &String)> =
        names.iter().map(|name| (old.get(*name).or_else(|| new.get(*name)).map_or(0, |(i, _)| *i), *name)).collect();
    order.sort();
    let before = found.len();
    for (_, name) in order {
        let (a, b) = (old.get(name).map(|(_, v)| *v), new.get(name).map(|(_, v)| *v));
        compare(&path.with(Segment::Key(name.clone())), a, b, rules, found);
    }
    let sequence = |side: &Keyed<'_>| -> Vec<Value> {
        let mut sequence: Vec<(usize, &String)> = side.iter().map(|(name, (i, _))| (*i, name)).collect();
        sequence.sort();
        sequence.into_iter().map(|(_, name)| Value::from(name.as_str())).collect()
    };
    if rule == ListRule::Ordered && found.len() == before && old_items.len() == new_items.len() {
        let (a, b) = (sequence(old), sequence(new));
        if a != b {
            found.push(Difference { path: path.clone(), old: Some(a.into()), new: Some(b.into()), reordered: true });
        }
    }
}

/// A string in which equal values, and only these, are equal.
pub(crate) fn canonical(path: &Path, value: &Value, rules: &dyn Rules) -> String {
    match value {
        Value::Object(entries) => {
            let entries: BTreeMap<&String, &Value> = entries.iter().filter(|(_, value)| !value.is_null()).collect();
            let entries = entries.into_iter().map(|(name, value)| {
                format!("{}:{}", Value::from(name.as_str()), canonical(&path.field(name), value, rules))
            });
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let mut forms: Vec<String> =
                items.iter().map(|item| canonical(&path.with(Segment::Index(0)), item, rules)).collect();
            if rules.list(path) == ListRule::Set {
                forms.sort();
            }
            format!("[{}]", forms.join(","))
        }
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// Command-line arguments: flags with their values, and the rest in its order.
struct Arguments<'v> {
    flags: BTreeMap<&'v str, Vec<Value>>,
    rest: Vec<&'v str>,
}

impl<'v> Arguments<'v> {
    /// `None` if an item is not a string.
    fn of(items: &'v [Value]) -> Option<Self> {
        let mut arguments = Self { flags: BTreeMap::new(), rest: Vec::new() };
        let strings: Vec<&str> = items.iter().map(Value::as_str).collect::<Option<_>>()?;
        let mut i = 0;
        while i < strings.len() {
            let text = strings[i];
            i += 1;
            if !text.starts_with('-') || text.len() < 2 || text.contains(['\n', ' ']) && !text.contains('=') {
                arguments.rest.push(text);
                continue;
            }
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Value::from(value)),
                // `-c SCRIPT`: the next argument is the value.
                None if strings.get(i).is_some_and(|next| !next.starts_with('-')) => {
                    i += 1;
                    (text, Value::from(strings[i - 1]))
                }
                None => (text, Value::Bool(true)),
            };
            arguments.flags.entry(name).or_default().push(value);
        }
        Some(arguments)
    }
}

fn compare_arguments(
    path: &Path,
    old: &Arguments<'_>,
    new: &Arguments<'_>,
    rules: &dyn Rules,
    found: &mut Vec<Difference>,
) {
    let names: BTreeSet<&str> = old.flags.keys().chain(new.flags.keys()).copied().collect();
    for name in names {
        let below = path.with(Segment::Key(name.to_owned()));
        let value = |side: &Arguments<'_>| {
            side.flags.get(name).map(|values| match values.as_slice() {
                [value] => value.clone(),
                several => Value::from(several),
            })
        };
        let (a, b) = (value(old), value(new));
        compare(&below, a.as_ref(), b.as_ref(), rules, found);
    }
    for i in 0..old.rest.len().max(new.rest.len()) {
        let (a, b) = (old.rest.get(i).map(|t| Value::from(*t)), new.rest.get(i).map(|t| Value::from(*t)));
        compare(&path.with(Segment::Index(i)), a.as_ref(), b.as_ref(), rules, found);
    }
}

/// The first of [`KEYS`] that identifies the items of a list.
pub(crate) fn single_key(items: &[Value]) -> Option<&'static str> {
    KEYS.into_iter().find(|key| by_key(items, key).is_some())
}
