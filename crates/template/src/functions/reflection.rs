//! Types by name.

use super::{Table, Type};

pub(super) fn register(table: &mut Table) {
    table.add("typeOf", &[Type::Any], |_, args| Ok(args.any(0).type_name().into()));
    table.add("typeIs", &[Type::Str, Type::Any], |_, args| Ok((args.any(1).type_name() == args.text(0)).into()));
    table.add("typeIsLike", &[Type::Str, Type::Any], |_, args| {
        let name = args.any(1).type_name();
        Ok((name.strip_prefix('*').unwrap_or(&name) == args.text(0) || name == args.text(0)).into())
    });
    table.add("kindOf", &[Type::Any], |_, args| Ok(args.any(0).kind_name().into()));
    table.add("kindIs", &[Type::Str, Type::Any], |_, args| Ok((args.any(1).kind_name() == args.text(0)).into()));
}
