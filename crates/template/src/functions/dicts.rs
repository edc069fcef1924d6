//! Maps: functions such as `dict`, `get`, `set` and `merge`. Keys come in their byte order; sprig's order is random.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::budget::{Budget, MAX_VALUE_DEPTH, deeper};
use crate::functions::strings::to_text;
use crate::value::{Element, List, Map, Value};

pub(super) fn register(table: &mut Table) {
    table.variadic("dict", &[], Type::Any, dict);
    table.add("get", &[Type::Map, Type::Str], |_, args| Ok(args.map(0).get(args.text(1)).unwrap_or_else(|| "".into())));
    table.add("set", &[Type::Map, Type::Str, Type::Any], |_, args| {
        writable(&args.map(0))?.insert(args.shared(1), args.any(2).clone());
        Ok(args.any(0).clone())
    });
    table.add("unset", &[Type::Map, Type::Str], |_, args| {
        args.map(0).remove(args.text(1));
        Ok(args.any(0).clone())
    });
    table.add("hasKey", &[Type::Map, Type::Str], |_, args| Ok(args.map(0).contains(args.text(1)).into()));
    table.variadic("pluck", &[Type::Str], Type::Map, |call, args| {
        call.budget.items(args.len())?;
        let found = (1..args.len()).filter_map(|i| args.map(i).get(args.text(0)));
        Ok(List::new(found.collect()).into())
    });
    table.variadic("keys", &[], Type::Map, |call, args| {
        call.budget.items((0..args.len()).map(|i| args.map(i).len()).sum::<usize>().saturating_mul(2))?;
        Ok(List::strings((0..args.len()).flat_map(|i| args.map(i).keys())).into())
    });
    table.add("values", &[Type::Map], |call, args| {
        call.budget.items(args.map(0).len())?;
        Ok(List::new(args.map(0).entries().into_iter().map(|(_, v)| v).collect()).into())
    });
    table.variadic("pick", &[Type::Map], Type::Str, |call, args| {
        call.budget.items(args.len())?;
        let keys = (1..args.len()).map(|i| args.shared(i));
        let found = keys.filter_map(|key| args.map(0).get(&key).map(|value| (key, value)));
        Ok(found.collect::<Map>().into())
    });
    table.variadic("omit", &[Type::Map], Type::Str, |call, args| {
        let omitted: HashSet<&str> = (1..args.len()).map(|i| args.text(i)).collect();
        call.budget.items(args.map(0).len())?;
        let entries = args.map(0).entries();
        let omitted = |key: &str| omitted.contains(key);
        Ok(entries.into_iter().filter(|(key, _)| !omitted(key)).collect::<Map>().into())
    });
    table.variadic("merge", &[Type::Map], Type::Map, |call, args| merged(call, args, false));
    table.variadic("mustMerge", &[Type::Map], Type::Map, |call, args| merged(call, args, false));
    table.variadic("mergeOverwrite", &[Type::Map], Type::Map, |call, args| merged(call, args, true));
    table.variadic("mustMergeOverwrite", &[Type::Map], Type::Map, |call, args| merged(call, args, true));
    table.variadic("dig", &[Type::Any, Type::Any], Type::Any, dig);
    for name in ["deepCopy", "mustDeepCopy"] {
        table.add(name, &[Type::Any], |call, args| copy(args.any(0), call.budget, 0));
    }
    table.add("deepEqual", &[Type::Any, Type::Any], |call, args| {
        Ok(deep_equal(args.any(0), args.any(1), call.budget, 0)?.into())
    });
}

fn writable(map: &Map) -> Result<&Map, FunctionError> {
    if map.is_nil() { Err(FunctionError::new("can't write to null")) } else { Ok(map) }
}

fn dict(call: &mut Call<'_>, args: &Args) -> Outcome {
    let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    call.budget.items(args.len())?;
    for pair in args.rest(0).chunks(2) {
        let key = to_text(&pair[0], call.budget)?;
        entries.insert(key, pair.get(1).cloned().unwrap_or_else(|| "".into()));
    }
    Ok(Map::new(entries).into())
}

fn dig(_: &mut Call<'_>, args: &Args) -> Outcome {
    let [keys @ .., default, map] = args.rest(0) else { return Ok(Value::Nil) };
    if keys.is_empty() {
        return Err(FunctionError::new("takes at least three arguments: keys, a default, a map"));
    }
    let mut at = map.clone();
    for key in keys {
        let Value::Str(key) = key else { return Err(FunctionError::new("keys are strings")) };
        let Value::Map(map) = at else {
            return Err(FunctionError::new(format!("can't look for {key:?} in a value that is not a map")));
        };
        match map.get(key) {
            Some(value) => at = value,
            None => return Ok(default.clone()),
        }
    }
    Ok(at)
}

fn merged(call: &mut Call<'_>, args: &Args, overwrite: bool) -> Outcome {
    let target = if args.map(0).is_nil() { Map::new(BTreeMap::new()) } else { args.map(0) };
    for i in 1..args.len() {
        merge(&target, &args.map(i), overwrite, call.budget, 0)?;
    }
    Ok(target.into())
}

/// Merges one map into another, level by level: with `overwrite` all keys, otherwise those that are not null in `from` and
/// empty in `into` (Go library mergo, which sprig uses).
fn merge(into: &Map, from: &Map, overwrite: bool, budget: &mut Budget, depth: usize) -> Result<(), FunctionError> {
    if depth > MAX_VALUE_DEPTH {
        return Err(too_deep());
    }
    if into.is(from) {
        return Ok(());
    }
    budget.spend(from.len())?;
    for (key, value) in from.entries() {
        match (into.get(&key), &value) {
            // An empty map is replaced by the other one as it is, nulls included.
            (Some(Value::Map(inner)), Value::Map(_)) if !overwrite && inner.entries().is_empty() => {
                writable(into)?.insert(key, value);
            }
            (Some(Value::Map(inner)), Value::Map(other)) => {
                deeper(|| merge(&inner, other, overwrite, budget, depth + 1))?
            }
            _ if overwrite => writable(into)?.insert(key, value),
            (Some(before), _) if before.truth() => {}
            _ if value.is_nil() => {}
            _ => writable(into)?.insert(key, value),
        }
    }
    Ok(())
}

fn too_deep() -> FunctionError {
    FunctionError::fatal(format!("a value nested more than {MAX_VALUE_DEPTH} levels deep"))
}

/// A copy that shares nothing with the original.
fn copy(value: &Value, budget: &mut Budget, depth: usize) -> Outcome {
    if depth > MAX_VALUE_DEPTH {
        return Err(too_deep());
    }
    Ok(match value {
        Value::List(list) if list.is_nil() => List::nil(list.element()).into(),
        Value::List(list) => {
            budget.items(list.items().len())?;
            let items = list.items().iter().map(|v| deeper(|| copy(v, budget, depth + 1))).collect::<Result<_, _>>()?;
            List::of(list.element(), items).into()
        }
        Value::Map(map) if map.is_nil() => Map::nil().into(),
        Value::Map(map) => {
            let entries = map.entries();
            budget.items(entries.len())?;
            let entries = entries
                .into_iter()
                .map(|(k, v)| Ok((k, deeper(|| copy(&v, budget, depth + 1))?)))
                .collect::<Result<_, FunctionError>>()?;
            Map::of(map.element(), entries).into()
        }
        other => other.clone(),
    })
}

/// Whether two values are of the same type and equal in all parts, as Go's `reflect.DeepEqual`.
pub(super) fn deep_equal(a: &Value, b: &Value, budget: &mut Budget, depth: usize) -> Result<bool, FunctionError> {
    budget.spend(1)?;
    if depth > MAX_VALUE_DEPTH {
        return Err(too_deep());
    }
    Ok(match (a, b) {
        (Value::Absent | Value::Nil, Value::Absent | Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) | (Value::Int64(a), Value::Int64(b)) => a == b,
        (Value::Uint64(a), Value::Uint64(b)) => a == b,
        (Value::Uint8(a), Value::Uint8(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => {
            budget.spend(if a.len() == b.len() { a.len() / 256 } else { 0 })?;
            a == b
        }
        (Value::Object(x), Value::Object(y)) => {
            x.type_name() == y.type_name() && x.text() == y.text() && {
                let (x, y) = (x.fields(), y.fields());
                x.iter().zip(&y).all(|((_, x), (_, y))| x.as_str() == y.as_str())
            }
        }
        (Value::List(a), Value::List(b)) => {
            if a.element() != b.element() || a.is_nil() != b.is_nil() || a.items().len() != b.items().len() {
                return Ok(false);
            }
            for (a, b) in a.items().iter().zip(b.items()) {
                if !deeper(|| deep_equal(a, b, budget, depth + 1))? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.is(b) {
                return Ok(true);
            }
            if a.element() != b.element() || a.is_nil() != b.is_nil() || a.len() != b.len() {
                return Ok(false);
            }
            budget.spend(a.len())?;
            let (x, y) = (a.entries(), b.entries());
            for ((key, a), (other, b)) in x.iter().zip(&y) {
                if key != other || !deeper(|| deep_equal(a, b, budget, depth + 1))? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}

/// The result of `split`: a map of strings with the keys `_0`, `_1`, …
pub(super) fn numbered<'s>(parts: impl Iterator<Item = &'s str>) -> Value {
    let entries = parts.enumerate().map(|(i, part)| (Arc::from(format!("_{i}")), part.into()));
    Map::of(Element::Str, entries.collect()).into()
}
