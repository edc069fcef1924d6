//! Semantic versions.

use super::{Table, Type};
use crate::object::Object;
use crate::semver::{Constraints, Version};

pub(super) fn register(table: &mut Table) {
    table.add("semver", &[Type::Str], |_, args| Ok(Object::Version(Version::parse(args.text(0))?).into()));
    table.add("semverCompare", &[Type::Str, Type::Str], |_, args| {
        Ok(Constraints::parse(args.text(0))?.allow(&Version::parse(args.text(1))?).into())
    });
}
