//! Lists: functions such as `list`, `first`, `append`, `uniq` and `slice`. Each returns a new list.

use super::defaults::empty;
use super::dicts::deep_equal;
use super::math::to_int;
use super::strings::{to_strings, to_text};
use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::budget::Budget;
use crate::value::{Element, List, Value};

pub(super) fn register(table: &mut Table) {
    for name in ["list", "tuple"] {
        table.variadic(name, &[], Type::Any, |call, args| {
            call.budget.items(args.len())?;
            Ok(List::new(args.rest(0).to_vec()).into())
        });
    }
    let both = ["append", "mustAppend", "push", "mustPush"];
    for name in both {
        table.add(name, &[Type::Any, Type::Any], |call, args| {
            let mut items = copied(call.budget, args.any(0), "add to")?;
            items.push(args.any(1).clone());
            Ok(List::new(items).into())
        });
    }
    for name in ["prepend", "mustPrepend"] {
        table.add(name, &[Type::Any, Type::Any], |call, args| {
            let mut items = copied(call.budget, args.any(0), "add to")?;
            items.insert(0, args.any(1).clone());
            Ok(List::new(items).into())
        });
    }
    for name in ["first", "mustFirst"] {
        table.add(name, &[Type::Any], |_, args| {
            Ok(list_of(args.any(0), "take the first item of")?.items().first().cloned().unwrap_or(Value::Nil))
        });
    }
    for name in ["last", "mustLast"] {
        table.add(name, &[Type::Any], |_, args| {
            Ok(list_of(args.any(0), "take the last item of")?.items().last().cloned().unwrap_or(Value::Nil))
        });
    }
    for name in ["rest", "mustRest"] {
        table.add(name, &[Type::Any], |call, args| {
            part(call.budget, args.any(0), |items| items.split_first().map(|(_, rest)| rest))
        });
    }
    for name in ["initial", "mustInitial"] {
        table.add(name, &[Type::Any], |call, args| {
            part(call.budget, args.any(0), |items| items.split_last().map(|(_, rest)| rest))
        });
    }
    for name in ["reverse", "mustReverse"] {
        table.add(name, &[Type::Any], |call, args| {
            let mut items = copied(call.budget, args.any(0), "reverse")?;
            items.reverse();
            Ok(List::new(items).into())
        });
    }
    for name in ["compact", "mustCompact"] {
        table.add(name, &[Type::Any], |call, args| {
            let mut items = copied(call.budget, args.any(0), "compact")?;
            items.retain(|v| !empty(v));
            Ok(List::new(items).into())
        });
    }
    for name in ["uniq", "mustUniq"] {
        table.add(name, &[Type::Any], |call, args| {
            let mut kept: Vec<Value> = Vec::new();
            for item in list_of(args.any(0), "take the different items of")?.items() {
                if !contains(&kept, item, call.budget)? {
                    kept.push(item.clone());
                }
            }
            Ok(List::new(kept).into())
        });
    }
    for name in ["without", "mustWithout"] {
        table.variadic(name, &[Type::Any], Type::Any, |call, args| {
            let mut kept = Vec::new();
            for item in list_of(args.any(0), "take items out of")?.items() {
                if !contains(args.rest(1), item, call.budget)? {
                    kept.push(item.clone());
                }
            }
            Ok(List::new(kept).into())
        });
    }
    for name in ["has", "mustHas"] {
        table.add(name, &[Type::Any, Type::Any], |call, args| {
            if args.any(1).is_nil() {
                return Ok(false.into());
            }
            let list = list_of(args.any(1), "look into")?;
            Ok(contains(list.items(), args.any(0), call.budget)?.into())
        });
    }
    for name in ["slice", "mustSlice"] {
        table.variadic(name, &[Type::Any], Type::Any, slice);
    }
    for name in ["chunk", "mustChunk"] {
        table.add(name, &[Type::Int, Type::Any], chunk);
    }
    table.variadic("concat", &[], Type::Any, |call, args| {
        let mut items = Vec::new();
        for list in args.rest(0) {
            items.append(&mut copied(call.budget, list, "join")?);
        }
        Ok(if items.is_empty() { List::nil(Element::Any) } else { List::new(items) }.into())
    });
    table.add("sortAlpha", &[Type::Any], |call, args| match args.any(0) {
        value @ Value::List(_) => {
            let mut strings = to_strings(value, call.budget)?;
            strings.sort();
            Ok(List::strings(strings).into())
        }
        other => Ok(List::strings([to_text(other, call.budget)?]).into()),
    });
    table.add("toStrings", &[Type::Any], |call, args| Ok(List::strings(to_strings(args.any(0), call.budget)?).into()));
    table.add("join", &[Type::Str, Type::Any], |call, args| {
        let strings = to_strings(args.any(1), call.budget)?;
        let size = strings.iter().map(|t| t.len() + args.text(0).len()).sum();
        call.budget.text(size)?;
        Ok(strings.join(args.text(0)).into())
    });
}

fn list_of<'v>(value: &'v Value, action: &str) -> Result<&'v List, FunctionError> {
    match value {
        Value::List(list) => Ok(list),
        other if other.is_nil() => Err(FunctionError::new(format!("can't {action} null"))),
        other => Err(FunctionError::new(format!("can't {action} a {}", other.type_name()))),
    }
}

fn copied(budget: &mut Budget, value: &Value, action: &str) -> Result<Vec<Value>, FunctionError> {
    let list = list_of(value, action)?;
    budget.items(list.items().len() + 1)?;
    Ok(list.items().to_vec())
}

fn part(budget: &mut Budget, value: &Value, take: fn(&[Value]) -> Option<&[Value]>) -> Outcome {
    let list = list_of(value, "take a part of")?;
    budget.items(list.items().len())?;
    Ok(take(list.items()).map_or(List::nil(Element::Any), |items| List::new(items.to_vec())).into())
}

fn contains(items: &[Value], wanted: &Value, budget: &mut Budget) -> Result<bool, FunctionError> {
    for item in items {
        if deep_equal(item, wanted, budget, 0)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn slice(call: &mut Call<'_>, args: &Args) -> Outcome {
    let list = list_of(args.any(0), "slice")?;
    let length = list.items().len();
    if length == 0 {
        return Ok(Value::Nil);
    }
    let bound = |i: usize, otherwise: usize| {
        if args.len() > i { usize::try_from(to_int(args.any(i))).ok() } else { Some(otherwise) }
    };
    let items = bound(1, 0).zip(bound(2, length)).and_then(|(start, end)| list.items().get(start..end));
    let items = items.ok_or_else(|| FunctionError::new(format!("bounds out of range: there are {length} items")))?;
    call.budget.items(items.len())?;
    Ok(List::of(list.element(), items.to_vec()).into())
}

fn chunk(call: &mut Call<'_>, args: &Args) -> Outcome {
    let list = list_of(args.any(1), "cut up")?;
    let size = usize::try_from(args.int(0)).ok().filter(|size| *size > 0);
    let size = size.ok_or_else(|| FunctionError::new("the size of a chunk must be 1 or more"))?;
    call.budget.items(list.items().len())?;
    let chunks = list.items().chunks(size).map(|items| List::new(items.to_vec()).into());
    Ok(List::of(Element::List, chunks.collect()).into())
}
