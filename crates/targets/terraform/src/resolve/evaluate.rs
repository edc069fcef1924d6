//! Partial evaluation of expressions: what can be known becomes a value, the rest stays as it is.

use std::cell::Cell;
use std::collections::BTreeMap;

use hcl::Number;
use hcl::expr::{
    Expression, ForExpr, FuncCall, Object, ObjectKey, Operation, TemplateExpr, Traversal, TraversalOperator,
};
use hcl::structure::Block;

use super::Files;
use super::template::{Part, parts};
use crate::format;

/// How deep expressions and local values refer to one another.
const DEEPEST: usize = 64;

/// The number of expressions that are evaluated for one configuration. Local values that repeat one another could make more than
/// memory holds.
const MOST_STEPS: usize = 4_000_000;

/// An attribute or item that a value does not have, which `try` catches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undefined;

type Reduced = Result<Expression, Undefined>;

/// Local values and variables of a configuration.
pub struct Values<'a> {
    locals: BTreeMap<String, Expression>,
    variables: BTreeMap<String, Expression>,
    files: &'a Files,
    /// The number of expressions that may still be evaluated.
    steps: Cell<usize>,
}

impl<'a> Values<'a> {
    pub fn of(blocks: &[Block], files: &'a Files) -> Self {
        let mut values =
            Self { locals: BTreeMap::new(), variables: BTreeMap::new(), files, steps: Cell::new(MOST_STEPS) };
        for block in blocks {
            let attributes = || block.body().attributes().map(|a| (a.key().to_owned(), a.expr.clone()));
            match (block.identifier(), block.labels().first()) {
                ("locals", _) => values.locals.extend(attributes()),
                ("variable", Some(name)) => {
                    let default = attributes().find(|(key, _)| key == "default");
                    values.variables.extend(default.map(|(_, value)| (name.as_str().to_owned(), value)));
                }
                _ => {}
            }
        }
        values
    }
}

/// What names mean where an expression is.
#[derive(Clone)]
pub struct Scope<'a> {
    values: &'a Values<'a>,
    /// `each`, iterators of `dynamic` blocks, variables of `for`.
    names: Vec<(String, Expression)>,
    depth: usize,
}

impl<'a> Scope<'a> {
    pub fn new(values: &'a Values<'a>) -> Self {
        Self { values, names: Vec::new(), depth: 0 }
    }

    /// With an iterator, which has a key and a value.
    pub fn with(&self, name: &str, key: &str, value: Expression) -> Self {
        let field = |name: &str| ObjectKey::Identifier(hcl::Identifier::sanitized(name));
        let iterator: Object<_, _> =
            [(field("key"), Expression::String(key.to_owned())), (field("value"), value)].into_iter().collect();
        self.naming(name, Expression::Object(iterator))
    }

    fn naming(&self, name: &str, value: Expression) -> Self {
        let mut scope = self.clone();
        scope.names.push((name.to_owned(), value));
        scope
    }

    fn deeper(&self) -> Option<Self> {
        let steps = self.values.steps.get();
        self.values.steps.set(steps.saturating_sub(1));
        (self.depth < DEEPEST && steps > 0).then(|| Self { depth: self.depth + 1, ..self.clone() })
    }

    /// An expression with everything that can be known.
    ///
    /// # Errors
    /// If it needs an attribute or item that a known value does not have.
    pub fn reduce(&self, expression: &Expression) -> Reduced {
        let Some(scope) = self.deeper() else { return Ok(expression.clone()) };
        Ok(match expression {
            Expression::Array(items) => Expression::Array(scope.all(items)?),
            Expression::Object(object) => {
                let mut reduced = Object::new();
                for (key, value) in object {
                    let key = match key {
                        ObjectKey::Expression(key) => ObjectKey::Expression(scope.reduce(key)?),
                        other => other.clone(),
                    };
                    reduced.insert(key, scope.reduce(value)?);
                }
                Expression::Object(reduced)
            }
            Expression::TemplateExpr(template) => scope.template(template)?,
            Expression::Variable(name) => scope.named(name.as_str()).unwrap_or_else(|| expression.clone()),
            Expression::Traversal(traversal) => scope.traversal(traversal)?,
            Expression::FuncCall(call) => scope.call(call)?,
            Expression::Parenthesis(inner) => scope.reduce(inner)?,
            Expression::Conditional(conditional) => match scope.reduce(&conditional.cond_expr)? {
                Expression::Bool(true) => scope.reduce(&conditional.true_expr)?,
                Expression::Bool(false) => scope.reduce(&conditional.false_expr)?,
                condition => {
                    let mut conditional = (**conditional).clone();
                    conditional.cond_expr = condition;
                    conditional.true_expr = scope.reduce(&conditional.true_expr)?;
                    conditional.false_expr = scope.reduce(&conditional.false_expr)?;
                    Expression::from(conditional)
                }
            },
            Expression::Operation(operation) => scope.operation(operation)?,
            Expression::ForExpr(each) => scope.each(each)?.unwrap_or_else(|| expression.clone()),
            other => other.clone(),
        })
    }

    fn all(&self, expressions: &[Expression]) -> Result<Vec<Expression>, Undefined> {
        expressions.iter().map(|expression| self.reduce(expression)).collect()
    }

    fn named(&self, name: &str) -> Option<Expression> {
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn traversal(&self, traversal: &Traversal) -> Reduced {
        let mut operators = Vec::new();
        for operator in &traversal.operators {
            operators.push(match operator {
                TraversalOperator::Index(index) => TraversalOperator::Index(self.reduce(index)?),
                other => other.clone(),
            });
        }
        let first = match operators.first() {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str().to_owned()),
            _ => None,
        };
        let (value, used) = match (&traversal.expr, first) {
            (Expression::Variable(root), first) => match (root.as_str(), first) {
                ("local", Some(name)) => match self.values.locals.get(&name) {
                    // A local value means the same everywhere.
                    Some(value) => (Self { names: Vec::new(), ..self.clone() }.reduce(value)?, 1),
                    None => (traversal.expr.clone(), 0),
                },
                ("var", Some(name)) => match self.values.variables.get(&name) {
                    Some(value) => (value.clone(), 1),
                    None => (traversal.expr.clone(), 0),
                },
                (name, _) => (self.named(name).unwrap_or_else(|| traversal.expr.clone()), 0),
            },
            (other, _) => (self.reduce(other)?, 0),
        };
        operators.drain(..used);
        select(value, operators)
    }

    fn template(&self, template: &TemplateExpr) -> Reduced {
        let TemplateExpr::QuotedString(parsed) = template else { return Ok(Expression::from(template.clone())) };
        let parts = parts(parsed);
        // The parser has replaced escape sequences, except those of `${` and `%{`; printing needs all of them.
        let (mut text, mut source, mut is_known) = (String::new(), String::new(), true);
        for part in &parts {
            let known = match part {
                Part::Literal(literal) => literal.replace("$${", "${").replace("%%{", "%{"),
                Part::Expression(inner) => {
                    let Ok(inner) = inner.parse::<Expression>() else { return Ok(Expression::from(template.clone())) };
                    let value = self.reduce(&inner)?;
                    match text_of(&value) {
                        Some(known) => known,
                        // Alone, it keeps its type.
                        None if parts.len() == 1 => return Ok(value),
                        None => {
                            is_known = false;
                            source.push_str(&format!("${{{}}}", format::expression(&value)));
                            continue;
                        }
                    }
                }
            };
            source.push_str(&format::escape(&known));
            text.push_str(&known);
        }
        Ok(if is_known { Expression::String(text) } else { Expression::from(TemplateExpr::QuotedString(source)) })
    }

    fn call(&self, call: &FuncCall) -> Reduced {
        if call.name.is_namespaced() || call.expand_final {
            return Ok(Expression::from(FuncCall { args: self.all(&call.args)?, ..call.clone() }));
        }
        let name = call.name.name.as_str();
        if name == "try" {
            return call
                .args
                .iter()
                .map(|argument| self.reduce(argument))
                .find(Result::is_ok)
                .unwrap_or(Err(Undefined));
        }
        let arguments = self.all(&call.args)?;
        Ok(self
            .apply(name, &arguments)
            .unwrap_or_else(|| Expression::from(FuncCall { args: arguments, ..call.clone() })))
    }

    /// The value of a function whose arguments are known.
    fn apply(&self, name: &str, arguments: &[Expression]) -> Option<Expression> {
        match (name, arguments) {
            ("merge", objects) => {
                let mut merged: BTreeMap<String, Expression> = BTreeMap::new();
                for object in objects {
                    let Expression::Object(object) = object else { return None };
                    for (key, value) in object {
                        merged.insert(key_of(key)?, value.clone());
                    }
                }
                Some(object_of(merged))
            }
            ("toset", [Expression::Array(items)]) => {
                let mut strings: Vec<String> = items.iter().map(text_of).collect::<Option<_>>()?;
                strings.sort();
                strings.dedup();
                Some(Expression::Array(strings.into_iter().map(Expression::String).collect()))
            }
            ("tolist" | "tomap", [value]) => entries(value).map(|_| value.clone()),
            ("tostring", [value]) => text_of(value).map(Expression::String),
            ("concat", lists) => {
                let mut all = Vec::new();
                for list in lists {
                    let Expression::Array(items) = list else { return None };
                    all.extend(items.iter().cloned());
                }
                Some(Expression::Array(all))
            }
            ("replace", [Expression::String(text), Expression::String(from), Expression::String(to)]) => {
                // Between slashes it is a regular expression.
                let is_pattern = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
                (!is_pattern).then(|| Expression::String(text.replace(from.as_str(), to)))
            }
            ("coalesce", values) => {
                let first = values.iter().find(|value| !matches!(value, Expression::Null))?;
                let is_empty = matches!(first, Expression::String(text) if text.is_empty());
                (!is_empty).then(|| first.clone())
            }
            ("lookup", [Expression::Object(object), key, rest @ ..]) => {
                let key = text_of(key)?;
                let found = object.iter().find(|(name, _)| key_of(name).as_deref() == Some(&key));
                found.map(|(_, value)| value.clone()).or_else(|| rest.first().cloned())
            }
            ("keys", [value]) => {
                Some(Expression::Array(entries(value)?.into_iter().map(|(key, _)| Expression::String(key)).collect()))
            }
            ("values", [value]) => {
                Some(Expression::Array(entries(value)?.into_iter().map(|(_, value)| value).collect()))
            }
            ("jsondecode", [Expression::FuncCall(file)]) if file.name.name.as_str() == "file" => {
                let [path] = file.args.as_slice() else { return None };
                let path = match path {
                    Expression::String(path) => path.clone(),
                    Expression::TemplateExpr(template) => match template.as_ref() {
                        TemplateExpr::QuotedString(source) => source.clone(),
                        TemplateExpr::Heredoc(_) => return None,
                    },
                    _ => return None,
                };
                let path = path.strip_prefix("${path.module}/").unwrap_or(&path);
                let value: serde_json::Value = serde_json::from_slice(self.values.files.get(path)?).ok()?;
                hcl::to_value(value).ok().map(Expression::from)
            }
            _ => None,
        }
    }

    fn operation(&self, operation: &Operation) -> Reduced {
        Ok(match operation {
            Operation::Unary(unary) => {
                let mut unary = unary.clone();
                unary.expr = self.reduce(&unary.expr)?;
                Expression::from(Operation::Unary(unary))
            }
            Operation::Binary(binary) => {
                let mut binary = binary.clone();
                binary.lhs_expr = self.reduce(&binary.lhs_expr)?;
                binary.rhs_expr = self.reduce(&binary.rhs_expr)?;
                let known = (text_of(&binary.lhs_expr), text_of(&binary.rhs_expr));
                match (known, binary.operator) {
                    ((Some(a), Some(b)), hcl::expr::BinaryOperator::Eq) => Expression::Bool(a == b),
                    ((Some(a), Some(b)), hcl::expr::BinaryOperator::NotEq) => Expression::Bool(a != b),
                    _ => Expression::from(Operation::Binary(binary)),
                }
            }
        })
    }

    /// The result of `for`; `None` if its collection or a condition is not known.
    fn each(&self, each: &ForExpr) -> Result<Option<Expression>, Undefined> {
        let collection = self.reduce(&each.collection_expr)?;
        let Some(rows) = entries(&collection).filter(|_| !each.grouping) else { return Ok(None) };
        let is_list = matches!(collection, Expression::Array(_));
        let (mut list, mut map) = (Vec::new(), BTreeMap::new());
        for (at, (key, value)) in rows.into_iter().enumerate() {
            let key = if is_list { Expression::Number(Number::from(at as u64)) } else { Expression::String(key) };
            let mut scope = self.naming(each.value_var.as_str(), value);
            if let Some(name) = &each.key_var {
                scope = scope.naming(name.as_str(), key);
            }
            match each.cond_expr.as_ref().map(|condition| scope.reduce(condition)).transpose()? {
                None | Some(Expression::Bool(true)) => {}
                Some(Expression::Bool(false)) => continue,
                Some(_) => return Ok(None),
            }
            let value = scope.reduce(&each.value_expr)?;
            match &each.key_expr {
                None => list.push(value),
                Some(key) => match text_of(&scope.reduce(key)?) {
                    Some(key) => _ = map.insert(key, value),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(if each.key_expr.is_some() { object_of(map) } else { Expression::Array(list) }))
    }
}

/// Follows attributes and items of a known value; what follows something unknown stays as it is.
fn select(mut value: Expression, operators: Vec<TraversalOperator>) -> Reduced {
    let mut operators = operators.into_iter();
    while let Some(operator) = operators.next() {
        let key = match &operator {
            TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
            TraversalOperator::Index(index) => text_of(index),
            TraversalOperator::LegacyIndex(index) => Some(index.to_string()),
            TraversalOperator::AttrSplat | TraversalOperator::FullSplat => None,
        };
        let found = match (&value, key) {
            (Expression::Object(object), Some(key)) => Some(
                object.iter().find(|(name, _)| key_of(name).as_deref() == Some(&key)).map(|(_, value)| value.clone()),
            ),
            (Expression::Array(items), Some(key)) => key.parse::<usize>().ok().map(|at| items.get(at).cloned()),
            (Expression::Null, _) => Some(None),
            _ => None,
        };
        match found {
            Some(Some(found)) => value = found,
            Some(None) => return Err(Undefined),
            None => {
                let rest: Vec<TraversalOperator> = std::iter::once(operator).chain(operators).collect();
                return Ok(match value {
                    Expression::Traversal(inner) => {
                        let operators = inner.operators.iter().cloned().chain(rest).collect::<Vec<_>>();
                        Expression::from(Traversal { expr: inner.expr.clone(), operators })
                    }
                    other => Expression::from(Traversal { expr: other, operators: rest }),
                });
            }
        }
    }
    Ok(value)
}

/// The entries of a known map, or of a list or set with its items as keys and values.
pub fn entries(value: &Expression) -> Option<Vec<(String, Expression)>> {
    match value {
        Expression::Object(object) => object.iter().map(|(key, value)| Some((key_of(key)?, value.clone()))).collect(),
        Expression::Array(items) => {
            Some(items.iter().map(|item| (text_of(item).unwrap_or_default(), item.clone())).collect())
        }
        _ => None,
    }
}

/// A known string, number or boolean as a string.
pub fn text_of(value: &Expression) -> Option<String> {
    match value {
        Expression::String(text) => Some(text.clone()),
        Expression::Number(number) => Some(number.to_string()),
        Expression::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn key_of(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Identifier(name) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(key) => text_of(key),
        _ => None,
    }
}

fn object_of(entries: BTreeMap<String, Expression>) -> Expression {
    let entries = entries.into_iter().map(|(key, value)| (ObjectKey::Expression(Expression::String(key)), value));
    Expression::Object(entries.collect())
}
