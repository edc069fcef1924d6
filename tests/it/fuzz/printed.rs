//! Terraform's language, as it is printed.

use hcl::structure::{Attribute, Block, BlockLabel, Body, Structure};
use hcl::{Expression, Identifier, Object, ObjectKey};
use kopsform_terraform::format;
use proptest::collection::vec;
use proptest::prelude::*;

use super::input::{bounded, config, token};

fn text(text: String) -> Expression {
    Expression::String(text)
}

/// A value with any strings in it, as keys too.
fn value() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![4 => token().prop_map(text), 1 => any::<bool>().prop_map(Expression::Bool)];
    leaf.prop_recursive(2, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Expression::Array),
            proptest::collection::btree_map(token(), inner, 0..3).prop_map(|map| Expression::Object(
                map.into_iter().map(|(key, value)| (ObjectKey::Expression(text(key)), value)).collect::<Object<_, _>>()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(config())]

    /// Names and values that reach Terraform are data, never templates or blocks of their own.
    #[test]
    fn hcl(value in value(), label in token()) {
        let attribute = Attribute { key: Identifier::new("value").unwrap(), expr: value };
        let block = Block {
            identifier: Identifier::new("resource").unwrap(),
            labels: vec![BlockLabel::String("aws_vpc".to_owned()), BlockLabel::String(label)],
            body: Body(vec![Structure::Attribute(attribute)]),
        };
        let body = Body(vec![Structure::Block(block)]);
        let printed = bounded(|| format::file(&body));
        let read = hcl::parse(&printed);
        prop_assert!(read.is_ok(), "{printed}\n{read:?}");
        prop_assert!(read.unwrap() == body, "{}", printed);
    }
}
