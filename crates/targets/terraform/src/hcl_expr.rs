//! Short ways to make HCL expressions.

use hcl::Identifier;
use hcl::expr::{Expression, FuncCall, Traversal, Variable};

/// `root.a.b`.
pub fn traversal<const N: usize>(root: &str, attributes: [&str; N]) -> Expression {
    let mut builder = Traversal::builder(Variable::sanitized(root));
    for attribute in attributes {
        builder = builder.attr(Identifier::sanitized(attribute));
    }
    builder.build().into()
}

/// `function(arguments)`.
pub fn call<const N: usize>(function: &str, arguments: [Expression; N]) -> Expression {
    let mut call = FuncCall::new(Identifier::sanitized(function));
    call.args.extend(arguments);
    call.into()
}
