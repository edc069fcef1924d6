//! One body for several: what they share is written once, and what differs is taken from a value for each.
//!
//! The result is the most specific body of which all are instances. Where they differ there is a column: an attribute of
//! `each.value` that each row gives. A string that contains the row's key takes it from `each.key` instead, and a block that not
//! every row has becomes a `dynamic` one.

use std::collections::{BTreeMap, BTreeSet};

use hcl::Identifier;
use hcl::expr::{Expression, FuncCall, Object, ObjectKey, Traversal, TraversalOperator};
use hcl::structure::{Attribute, Block, BlockLabel, Body, Structure};

use super::template::{self, Token};
use crate::hcl_expr::{call, traversal};

/// Several bodies as one.
#[derive(Debug)]
pub struct Unified {
    /// The body that stands for all.
    pub body: Body,
    /// What each row gives; `None` where the key says everything.
    pub values: Option<Vec<Expression>>,
}

/// Unifies the bodies of blocks with `for_each`, each with its key.
pub fn unify(rows: &[(String, Body)]) -> Unified {
    let keys: Vec<String> = rows.iter().map(|(key, _)| key.clone()).collect();
    let bodies: Vec<&Body> = rows.iter().map(|(_, body)| body).collect();
    let names = Names { key: Some(traversal("each", ["key"])), value: traversal("each", ["value"]) };
    unify_as(&bodies, Some(&keys), &names)
}

/// Unifies expressions of which each has a key. `None` where the key doesn't say everything that differs.
pub fn unify_by_key(rows: &[(&String, &Expression)], key: &Expression) -> Option<Expression> {
    let keys: Vec<String> = rows.iter().map(|(key, _)| (*key).clone()).collect();
    let expressions: Vec<&Expression> = rows.iter().map(|(_, expression)| *expression).collect();
    let names = Names { key: Some(key.clone()), value: Expression::Null };
    let mut unifier = Unifier { keys: Some(&keys), names: &names, columns: Vec::new(), is_scalar: false };
    let unified = unifier.expression("", &expressions);
    unifier.columns.is_empty().then_some(unified)
}

/// Folds blocks of one name that differ in one argument into a `dynamic` block over its values.
pub fn fold(body: &mut Body) {
    for structure in &mut body.0 {
        if let Structure::Block(block) = structure {
            fold(&mut block.body);
        }
    }
    let names: BTreeSet<String> = body.blocks().map(|block| block.identifier().to_owned()).collect();
    for name in names {
        let blocks: Vec<&Block> = body.blocks().filter(|block| block.identifier() == name).collect();
        if blocks.len() < 3 || blocks.iter().any(|block| !block.labels.is_empty()) {
            continue;
        }
        let bodies: Vec<&Body> = blocks.iter().map(|block| &block.body).collect();
        let Unified { body: content, values: Some(values) } = unify_nested(&name, &bodies) else { continue };
        if values.iter().any(|value| matches!(value, Expression::Object(_))) {
            continue;
        }
        let folded = dynamic(&name, Expression::Array(values), content);
        body.0.retain(|structure| structure.as_block().is_none_or(|block| block.identifier() != name));
        body.0.push(Structure::Block(folded));
    }
}

/// A `dynamic` block.
pub fn dynamic(name: &str, for_each: Expression, content: Body) -> Block {
    let content = Block { identifier: Identifier::sanitized("content"), labels: Vec::new(), body: content };
    let for_each = Attribute { key: Identifier::sanitized("for_each"), expr: for_each };
    Block {
        identifier: Identifier::sanitized("dynamic"),
        labels: vec![BlockLabel::from(name)],
        body: Body(vec![Structure::Attribute(for_each), Structure::Block(content)]),
    }
}

/// Unifies the blocks of one name, for the content of a `dynamic` block.
fn unify_nested(name: &str, bodies: &[&Body]) -> Unified {
    unify_as(bodies, None, &Names { key: None, value: traversal(name, ["value"]) })
}

fn unify_as(bodies: &[&Body], keys: Option<&[String]>, names: &Names) -> Unified {
    let mut unifier = Unifier { keys, names, columns: Vec::new(), is_scalar: false };
    let mut body = unifier.body(bodies);
    let values = match unifier.columns.as_slice() {
        [] => None,
        [column] if column.values.iter().all(Option::is_some) => {
            // A row with one value needs no name for it.
            let values = column.values.iter().flatten().cloned().collect();
            let mut unifier = Unifier { keys, names, columns: Vec::new(), is_scalar: true };
            body = unifier.body(bodies);
            Some(values)
        }
        columns => Some((0..bodies.len()).map(|row| row_object(columns, row)).collect()),
    };
    Unified { body, values }
}

fn row_object(columns: &[Column], row: usize) -> Expression {
    let entries = columns.iter().filter_map(|column| {
        let value = column.values.get(row)?.clone()?;
        Some((ObjectKey::Identifier(Identifier::sanitized(&column.name)), value))
    });
    Expression::Object(entries.collect())
}

/// What a row's key and value are called.
struct Names {
    key: Option<Expression>,
    value: Expression,
}

/// A value that rows give.
struct Column {
    name: String,
    values: Vec<Option<Expression>>,
}

struct Unifier<'a> {
    keys: Option<&'a [String]>,
    names: &'a Names,
    columns: Vec<Column>,
    /// Whether the only column is the row's value itself.
    is_scalar: bool,
}

impl Unifier<'_> {
    fn body(&mut self, rows: &[&Body]) -> Body {
        let mut attributes: BTreeMap<&str, Vec<Option<&Expression>>> = BTreeMap::new();
        let mut blocks: BTreeMap<(String, String), Vec<Vec<&Block>>> = BTreeMap::new();
        for (row, body) in rows.iter().enumerate() {
            for structure in &body.0 {
                match structure {
                    Structure::Attribute(attribute) => {
                        let values = attributes.entry(attribute.key()).or_insert_with(|| vec![None; rows.len()]);
                        values[row] = Some(&attribute.expr);
                    }
                    Structure::Block(block) => {
                        let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
                        let id = (block.identifier().to_owned(), labels.join(" "));
                        blocks.entry(id).or_insert_with(|| vec![Vec::new(); rows.len()])[row].push(block);
                    }
                }
            }
        }
        let mut unified = Vec::new();
        for (name, values) in attributes {
            let expr = match values.iter().copied().collect::<Option<Vec<_>>>() {
                Some(values) => self.expression(name, &values),
                None => self.optional(
                    name,
                    values.into_iter().map(Option::<&Expression>::cloned).collect(),
                    Expression::Null,
                ),
            };
            unified.push(Structure::Attribute(Attribute { key: Identifier::sanitized(name), expr }));
        }
        for ((name, _), rows) in blocks {
            self.blocks(&name, &rows, &mut unified);
        }
        Body(unified)
    }

    /// The blocks of a name: one by one where every row has the same number, otherwise a `dynamic` one.
    fn blocks(&mut self, name: &str, rows: &[Vec<&Block>], unified: &mut Vec<Structure>) {
        let count = rows[0].len();
        if rows.iter().all(|row| row.len() == count) {
            for i in 0..count {
                let bodies: Vec<&Body> = rows.iter().map(|row| &row[i].body).collect();
                let (identifier, labels) = (rows[0][i].identifier.clone(), rows[0][i].labels.clone());
                let body = self.body(&bodies);
                unified.push(Structure::Block(Block { identifier, labels, body }));
            }
            return;
        }
        let bodies: Vec<&Body> = rows.iter().flatten().map(|block| &block.body).collect();
        let Unified { body, values } = unify_nested(name, &bodies);
        let mut values = values.unwrap_or_else(|| vec![Expression::Object(Object::new()); bodies.len()]).into_iter();
        let column = rows.iter().map(|row| match row.len() {
            0 => None,
            count => Some(Expression::Array(values.by_ref().take(count).collect())),
        });
        let for_each = self.optional(name, column.collect(), Expression::Array(Vec::new()));
        unified.push(Structure::Block(dynamic(name, for_each, body)));
    }

    /// An expression for those of all rows. `name` is that of the argument, after which a column is called.
    fn expression(&mut self, name: &str, rows: &[&Expression]) -> Expression {
        let first = rows[0];
        let is_alone = rows.len() == 1 && self.keys.is_some();
        if !is_alone && rows.iter().all(|row| *row == first) {
            return first.clone();
        }
        let unified = match first {
            Expression::String(_) | Expression::TemplateExpr(_) => self.strings(name, rows),
            Expression::Traversal(first) => self.traversals(name, first, rows),
            Expression::FuncCall(first) => self.calls(name, first, rows),
            Expression::Array(first) => self.arrays(name, first.len(), rows),
            Expression::Object(_) => self.objects(name, rows),
            _ => None,
        };
        let unified = unified.or_else(|| self.strings(name, rows));
        if is_alone {
            return unified.unwrap_or_else(|| first.clone());
        }
        unified.unwrap_or_else(|| self.column(name, rows.iter().map(|row| Some((*row).clone())).collect()))
    }

    /// Strings and templates: with the key of each row where that is all that differs, or a template around a column.
    fn strings(&mut self, name: &str, rows: &[&Expression]) -> Option<Expression> {
        let rows: Vec<Vec<Token>> = rows.iter().map(|row| template::tokens(row)).collect::<Option<_>>()?;
        if let ([row], Some([text]), Some(key)) = (rows.as_slice(), self.keys, &self.names.key) {
            // Nothing shows what follows from the key of the only row, except for the key itself and what contains it.
            let is_template = row.iter().any(|token| matches!(token, Token::Interpolation(_)));
            let key = Token::Interpolation(format!("${{{}}}", crate::format::expression(key)));
            let with_key = template::replaced(row, text, &key).filter(|with_key| is_template || with_key.len() == 1);
            return with_key.map(|with_key| template::from_tokens(&with_key));
        }
        if let (Some(keys), Some(key)) = (self.keys, &self.names.key) {
            let key = Token::Interpolation(format!("${{{}}}", crate::format::expression(key)));
            let with_key = rows.iter().zip(keys).map(|(row, text)| template::replaced(row, text, &key));
            let with_key: Option<Vec<_>> = with_key.collect();
            if let Some(with_key) = with_key.filter(|rows| rows.iter().all(|row| *row == rows[0])) {
                return Some(template::from_tokens(&with_key[0]));
            }
        }
        // Constant text stays with what it is part of, so that names can be searched for.
        let (prefix, suffix) = template::common_ends(&rows);
        let shared = rows[0][..prefix].iter().chain(&rows[0][rows[0].len() - suffix..]);
        if !shared.clone().any(|token| matches!(token, Token::Interpolation(_))) {
            return None;
        }
        let parts = rows.iter().map(|row| Some(template::from_tokens(&row[prefix..row.len() - suffix])));
        let column = self.column(name, parts.collect());
        let mut tokens = rows[0][..prefix].to_vec();
        tokens.push(Token::Interpolation(format!("${{{}}}", crate::format::expression(&column))));
        tokens.extend_from_slice(&rows[0][rows[0].len() - suffix..]);
        Some(template::from_tokens(&tokens))
    }

    /// References that differ in the keys of instances.
    fn traversals(&mut self, name: &str, first: &Traversal, rows: &[&Expression]) -> Option<Expression> {
        let rows: Vec<&Traversal> = rows.iter().map(|row| as_traversal(row)).collect::<Option<_>>()?;
        let is_alike = |row: &&Traversal| {
            row.expr == first.expr
                && row.operators.len() == first.operators.len()
                && row.operators.iter().zip(&first.operators).all(|(a, b)| match (a, b) {
                    (
                        TraversalOperator::Index(Expression::String(_)),
                        TraversalOperator::Index(Expression::String(_)),
                    ) => true,
                    _ => a == b,
                })
        };
        if !rows.iter().all(is_alike) {
            return None;
        }
        let mut operators = first.operators.clone();
        for (i, operator) in operators.iter_mut().enumerate() {
            let TraversalOperator::Index(index) = operator else { continue };
            let keys: Vec<&Expression> = rows.iter().filter_map(|row| as_index(&row.operators[i])).collect();
            let name = match name.strip_suffix("_id").or_else(|| name.strip_suffix("_ids")) {
                Some(name) => name.to_owned(),
                None => collection_name(first).unwrap_or_else(|| name.to_owned()),
            };
            *index = self.expression(&name, &keys);
        }
        Some(Traversal { expr: first.expr.clone(), operators }.into())
    }

    fn calls(&mut self, name: &str, first: &FuncCall, rows: &[&Expression]) -> Option<Expression> {
        let calls: Vec<&FuncCall> = rows.iter().map(|row| as_call(row)).collect::<Option<_>>()?;
        if !calls.iter().all(|call| call.name == first.name && call.args.len() == first.args.len()) {
            return None;
        }
        let function = first.name.name.as_str();
        let mut args = Vec::new();
        for i in 0..first.args.len() {
            let rows: Vec<&Expression> = calls.iter().map(|call| &call.args[i]).collect();
            if function == "merge" && rows.iter().all(|row| matches!(row, Expression::Object(_))) {
                let (shared, rest) = self.split_objects(&rows);
                if !shared.is_empty() {
                    args.push(Expression::Object(shared));
                }
                args.extend(rest.map(|rest| self.optional(name, rest, Expression::Object(Object::new()))));
                continue;
            }
            // The name of the function's parameter.
            let name = if (function, i) == ("cidrsubnet", 2) { "netnum" } else { name };
            args.push(self.expression(name, &rows));
        }
        if function == "merge" && args.len() == 1 {
            return args.pop();
        }
        Some(FuncCall { name: first.name.clone(), args, expand_final: first.expand_final }.into())
    }

    fn arrays(&mut self, name: &str, length: usize, rows: &[&Expression]) -> Option<Expression> {
        let arrays: Vec<&Vec<Expression>> = rows
            .iter()
            .map(|row| match row {
                Expression::Array(items) if items.len() == length => Some(items),
                _ => None,
            })
            .collect::<Option<_>>()?;
        // Lists of several values are more legible in the rows.
        let [_] = arrays[0].as_slice() else { return (rows.len() == 1).then(|| self.items(name, arrays[0])) };
        let items: Vec<&Expression> = arrays.iter().map(|items| &items[0]).collect();
        if !items.iter().all(|item| matches!(item, Expression::Traversal(_))) {
            return None;
        }
        Some(Expression::Array(vec![self.expression(name, &items)]))
    }

    /// The items of the only row.
    fn items(&mut self, name: &str, items: &[Expression]) -> Expression {
        Expression::Array(items.iter().map(|item| self.expression(name, &[item])).collect())
    }

    fn objects(&mut self, name: &str, rows: &[&Expression]) -> Option<Expression> {
        if !rows.iter().all(|row| matches!(row, Expression::Object(_))) {
            return None;
        }
        let (shared, rest) = self.split_objects(rows);
        match rest {
            None => Some(Expression::Object(shared)),
            Some(_) if shared.is_empty() => None,
            Some(rest) => {
                let rest = self.optional(name, rest, Expression::Object(Object::new()));
                Some(call("merge", [Expression::Object(shared), rest]))
            }
        }
    }

    /// The entries that all objects have, unified, and what each has besides.
    fn split_objects(
        &mut self,
        rows: &[&Expression],
    ) -> (Object<ObjectKey, Expression>, Option<Vec<Option<Expression>>>) {
        let objects: Vec<&Object<ObjectKey, Expression>> = rows.iter().filter_map(|row| as_object(row)).collect();
        let mut shared = Object::new();
        for key in objects[0].keys() {
            if let Some(values) = objects.iter().map(|object| object.get(key)).collect::<Option<Vec<_>>>() {
                let name = column_name(key);
                shared.insert(key.clone(), self.expression(&name, &values));
            }
        }
        let rest = objects.iter().map(|object| {
            let rest = object.iter().filter(|(key, _)| !shared.contains_key(*key));
            let rest: Object<_, _> = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
            (!rest.is_empty()).then_some(Expression::Object(rest))
        });
        let rest: Vec<_> = rest.collect();
        let has_rest = rest.iter().any(Option::is_some);
        (shared, has_rest.then_some(rest))
    }

    /// A column that rows may lack.
    fn optional(&mut self, name: &str, values: Vec<Option<Expression>>, default: Expression) -> Expression {
        let is_everywhere = values.iter().all(Option::is_some);
        let column = self.column(name, values);
        if is_everywhere { column } else { call("try", [column, default]) }
    }

    /// A column of values; the same values have the same column.
    fn column(&mut self, name: &str, values: Vec<Option<Expression>>) -> Expression {
        if let (Some(keys), Some(key)) = (self.keys, &self.names.key) {
            let is_key = |(value, key): (&Option<Expression>, &String)| {
                value.as_ref().is_some_and(|value| matches!(value, Expression::String(text) if text == key))
            };
            if values.iter().zip(keys).all(is_key) {
                return key.clone();
            }
        }
        let known = self.columns.iter().find(|column| column.values == values).map(|column| column.name.clone());
        let name = known.unwrap_or_else(|| {
            let is_free = |name: &String| self.columns.iter().all(|column| column.name != *name);
            let numbered = |n: usize| if n == 1 { name.to_owned() } else { format!("{name}_{n}") };
            let name = (1..).map(numbered).find(is_free).unwrap_or_default();
            self.columns.push(Column { name: name.clone(), values });
            name
        });
        if self.is_scalar {
            return self.names.value.clone();
        }
        attribute(&self.names.value, &name)
    }
}

fn attribute(value: &Expression, name: &str) -> Expression {
    let name = TraversalOperator::GetAttr(Identifier::sanitized(name));
    match value {
        Expression::Traversal(traversal) => {
            let mut traversal = (**traversal).clone();
            traversal.operators.push(name);
            traversal.into()
        }
        other => Traversal::new(other.clone(), [name]).into(),
    }
}

/// A column after the last part of a tag's key.
fn column_name(key: &ObjectKey) -> String {
    let text = match key {
        ObjectKey::Identifier(name) => name.as_str(),
        ObjectKey::Expression(Expression::String(text)) => text,
        _ => "value",
    };
    let last = text.rsplit('/').next().unwrap_or(text);
    let mut plain = String::new();
    let mut was_lower = false;
    for c in last.chars() {
        if c.is_ascii_uppercase() && was_lower {
            plain.push('_');
        }
        plain.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        was_lower = c.is_ascii_lowercase();
    }
    if plain.starts_with(|c: char| c.is_ascii_alphabetic()) { plain } else { "value".to_owned() }
}

/// `subnet` for `aws_subnet.cluster["a"]` and `local.subnet_ids["a"]`.
fn collection_name(traversal: &Traversal) -> Option<String> {
    let root = match &traversal.expr {
        Expression::Variable(variable) => variable.as_str(),
        _ => return None,
    };
    if root != "local" {
        return Some(root.strip_prefix("aws_").unwrap_or(root).to_owned());
    }
    match traversal.operators.first()? {
        TraversalOperator::GetAttr(name) => Some(name.strip_suffix("_ids").unwrap_or(name).to_owned()),
        _ => None,
    }
}

fn as_traversal(expression: &Expression) -> Option<&Traversal> {
    match expression {
        Expression::Traversal(traversal) => Some(traversal),
        _ => None,
    }
}

fn as_index(operator: &TraversalOperator) -> Option<&Expression> {
    match operator {
        TraversalOperator::Index(index) => Some(index),
        _ => None,
    }
}

fn as_call(expression: &Expression) -> Option<&FuncCall> {
    match expression {
        Expression::FuncCall(call) => Some(call),
        _ => None,
    }
}

fn as_object(expression: &Expression) -> Option<&Object<ObjectKey, Expression>> {
    match expression {
        Expression::Object(object) => Some(object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Output;
    use crate::format::{Item, document};
    use crate::renderer::resource_block;
    use crate::testing::addresses;
    use proptest::prelude::*;

    fn body(text: &str) -> Body {
        hcl::parse(text).unwrap()
    }

    fn rows(sources: &[(&str, &str)]) -> Vec<(String, Body)> {
        sources.iter().map(|(key, text)| ((*key).to_owned(), body(text))).collect()
    }

    fn printed(unified: Unified) -> String {
        let block = resource_block("x", "y".to_owned(), unified.body);
        let values = unified.values.into_iter().flatten();
        let values: Vec<String> =
            values.map(|value| value.to_string().split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        format!("{}{}", document(&[], &[Item::from(block)]), values.join("\n"))
    }

    #[test]
    fn what_is_shared_is_written_once() {
        let rows = rows(&[
            ("a", "name = \"a.${local.x}\"\nfile = file(\"${p}/a_b\")\nport = 1\nsize = 3\ngroup_id = g.h[\"m\"].id"),
            ("b", "name = \"b.${local.x}\"\nfile = file(\"${p}/b_b\")\nport = 2\nsize = 3\ngroup_id = g.h[\"n\"].id"),
        ]);
        let expected = r#"resource "x" "y" {
  file     = file("${p}/${each.key}_b")
  group_id = g.h[each.value.group].id
  name     = "${each.key}.${local.x}"
  port     = each.value.port
  size     = 3
}
{ group = "m" port = 1 }
{ group = "n" port = 2 }"#;
        assert_eq!(printed(unify(&rows)), expected);
    }

    #[test]
    fn one_value_needs_no_name_and_none_no_value() {
        let rows_of = |a: &str, b: &str| rows(&[("a", a), ("b", b)]);
        let unified = unify(&rows_of("key = \"${local.x}/1\"", "key = \"${local.x}/2\""));
        assert_eq!(printed(unified), "resource \"x\" \"y\" {\n  key = \"${local.x}/${each.value}\"\n}\n\"1\"\n\"2\"");
        assert!(unify(&rows_of("key = \"a\"", "key = \"b\"")).values.is_none());
    }

    #[test]
    fn what_only_some_have_is_tried() {
        let rows = rows(&[
            ("a", "tags = merge(local.tags, { \"n/x\" = 1, Name = 1 })\nb { c = 1 }"),
            ("b", "tags = merge(local.tags, { Name = 2 })\nd = 1"),
        ]);
        let expected = r#"resource "x" "y" {
  d    = try(each.value.d, null)
  tags = merge(local.tags, { Name = each.value.name }, try(each.value.tags, {}))

  dynamic "b" {
    for_each = try(each.value.b, [])

    content {
      c = 1
    }
  }
}
{ name = 1 tags = { "n/x" = 1 } b = [ {} ] }
{ d = 1 name = 2 }"#;
        assert_eq!(printed(unify(&rows)), expected);
    }

    #[test]
    fn the_only_row_takes_what_is_its_key() {
        let row = ("main", "name = \"main.${local.x}\"\nid = a.b[\"main\"].id\ntype = \"t3.main\"\nc = \"main\"");
        let expected = r#"resource "x" "y" {
  c    = each.key
  id   = a.b[each.key].id
  name = "${each.key}.${local.x}"
  type = "t3.main"
}
"#;
        assert_eq!(printed(unify(&rows(&[row]))), expected);
    }

    #[test]
    fn blocks_that_differ_in_one_value_are_dynamic() {
        let mut folded = body("b {\n  id = x[\"1\"].id\n}\nb {\n  id = x[\"2\"].id\n}\nb {\n  id = x[\"3\"].id\n}\n");
        fold(&mut folded);
        let expected =
            body("dynamic \"b\" {\n  for_each = [\"1\", \"2\", \"3\"]\n  content {\n    id = x[b.value].id\n  }\n}\n");
        assert_eq!(folded, expected);
    }

    fn values() -> impl Strategy<Value = Expression> {
        let text = r#"[ab/.$%{}"\\ ]{0,6}"#;
        let leaf = prop_oneof![
            text.prop_map(Expression::String),
            text.prop_map(|text| {
                let source = format!("${{local.x}}/{}", crate::format::escape(&text));
                hcl::expr::TemplateExpr::QuotedString(source).into()
            }),
            (0..3_u32).prop_map(|n| Expression::Number(n.into())),
            any::<bool>().prop_map(Expression::Bool),
            Just(traversal("local", ["x"])),
            prop_oneof!["a", "b", "a/b"].prop_map(|key| {
                Traversal::builder(hcl::expr::Variable::sanitized("local"))
                    .attr(Identifier::sanitized("map"))
                    .index(Expression::String(key))
                    .build()
                    .into()
            }),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            let entries = proptest::collection::btree_map("[ab]/?[c]?", inner.clone(), 0..3);
            let object = entries.prop_map(|map| -> Object<ObjectKey, Expression> {
                map.into_iter().map(|(key, value)| (ObjectKey::Expression(Expression::String(key)), value)).collect()
            });
            prop_oneof![
                proptest::collection::vec(inner, 0..3).prop_map(Expression::Array),
                object.clone().prop_map(Expression::Object),
                object.prop_map(|object| call("merge", [traversal("local", ["map"]), Expression::Object(object)])),
            ]
        })
    }

    fn bodies() -> impl Strategy<Value = Body> {
        let attributes = || {
            proptest::collection::btree_map("[a-c]", values(), 0..3).prop_map(|map| {
                let attribute = |(key, expr)| Structure::Attribute(Attribute { key: Identifier::sanitized(key), expr });
                map.into_iter().map(attribute).collect::<Vec<_>>()
            })
        };
        let block = |name: &'static str, inner: Vec<Structure>| {
            Structure::Block(Block { identifier: Identifier::sanitized(name), labels: Vec::new(), body: Body(inner) })
        };
        let inner =
            (attributes(), proptest::collection::vec(attributes(), 0..3)).prop_map(move |(attributes, blocks)| {
                [attributes, blocks.into_iter().map(|b| block("inner", b)).collect()].concat()
            });
        (attributes(), proptest::collection::vec(inner, 0..4)).prop_map(move |(attributes, blocks)| {
            Body([attributes, blocks.into_iter().map(|b| block("outer", b)).collect()].concat())
        })
    }

    /// The meaning of the resources of a configuration, by address.
    fn meaning(items: &[Item]) -> BTreeMap<String, hcl::Value> {
        let locals = "locals {\n  x   = \"cluster\"\n  map = { \"a\" = \"1\", \"b\" = \"2\", \"a/b\" = \"3\" }\n}\n";
        let text = format!("{locals}{}", document(&[], items));
        let mut output = Output::default();
        output.files.insert("x.tf".to_owned(), text.into_bytes());
        for address in addresses(&output) {
            output.addresses.insert(address.clone(), address);
        }
        crate::testing::meaning(&output).resources
    }

    proptest! {
        #[test]
        fn each_row_is_what_it_was(bodies in proptest::collection::btree_map(r#"[ab]/?["$a.]?"#, bodies(), 1..4)) {
            let rows: Vec<(String, Body)> = bodies.into_iter().collect();
            let blocks = rows.iter().enumerate().map(|(i, (_, body))| resource_block("x", format!("n{i}"), body.clone()));
            let before = meaning(&blocks.map(Item::from).collect::<Vec<_>>());
            let unified = unify(&rows);
            let keys = rows.iter().map(|(key, _)| Expression::String(key.clone()));
            let for_each = match unified.values {
                None => call("toset", [Expression::Array(keys.collect())]),
                Some(values) => Expression::Object(keys.map(ObjectKey::Expression).zip(values).collect()),
            };
            let mut body = unified.body;
            fold(&mut body);
            body.0.insert(0, Structure::Attribute(Attribute { key: Identifier::sanitized("for_each"), expr: for_each }));
            let item = Item::from(resource_block("x", "y".to_owned(), body));
            let after = meaning(std::slice::from_ref(&item));
            prop_assert_eq!(after.len(), before.len());
            for (i, (key, _)) in rows.iter().enumerate() {
                let address = format!("x.y[\"{}\"]", crate::format::escape(key));
                prop_assert_eq!(&after[&address], &before[&format!("x.n{i}")], "{}", document(&[], &[item]));
            }
        }
    }
}
