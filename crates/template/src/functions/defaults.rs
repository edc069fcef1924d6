//! Defaults and flow: `default`, `coalesce`, `ternary`, `fail`.

use super::{Args, FunctionError, Table, Type};
use crate::value::Value;

pub(super) fn register(table: &mut Table) {
    table.variadic("default", &[Type::Any], Type::Any, |_, args| {
        let given = args.any(1);
        Ok(if empty(given) { args.any(0).clone() } else { given.clone() })
    });
    table.add("empty", &[Type::Any], |_, args| Ok(empty(args.any(0)).into()));
    table.variadic("coalesce", &[], Type::Any, |_, args| {
        Ok(args.rest(0).iter().find(|v| !empty(v)).cloned().unwrap_or(Value::Nil))
    });
    table.variadic("all", &[], Type::Any, |_, args: &Args| Ok((!args.rest(0).iter().any(empty)).into()));
    table.variadic("any", &[], Type::Any, |_, args| Ok(args.rest(0).iter().any(|v| !empty(v)).into()));
    table.add("ternary", &[Type::Any, Type::Any, Type::Bool], |_, args| {
        Ok(args.any(if args.truth(2) { 0 } else { 1 }).clone())
    });
    table.add("fail", &[Type::Str], |_, args| Err(FunctionError::fatal(args.text(0))));
    table.add("hello", &[], |_, _| Ok("Hello!".into()));
}

/// What sprig's `default` and `empty` count as unset: everything that is false in `if`.
pub(super) fn empty(value: &Value) -> bool {
    !value.truth()
}
