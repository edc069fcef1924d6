//! A parsed template. Every part has the span of text it came from.

use std::sync::Arc;

use super::functions::Function;
use super::number::Number;
use super::source::Span;

/// Literal text or an action.
#[derive(Debug)]
pub(super) enum Node {
    /// Text that is printed as it is, after trimming.
    Text(Span),
    Action(Pipeline),
    If(Branches),
    With(Branches),
    Range(Range),
    /// `{{ template "name" pipeline }}`, and `{{ block }}`, which also defines the template.
    Template(Invocation),
    Break,
    Continue,
}

/// The arms of `if … else if … else` or of `with`. A chain of `else if` is a list, so that it does not nest.
#[derive(Debug)]
pub(super) struct Branches {
    pub arms: Vec<Arm>,
    pub otherwise: Vec<Node>,
}

#[derive(Debug)]
pub(super) struct Arm {
    pub pipeline: Pipeline,
    pub body: Vec<Node>,
}

#[derive(Debug)]
pub(super) struct Range {
    pub pipeline: Pipeline,
    pub body: Vec<Node>,
    pub otherwise: Vec<Node>,
}

#[derive(Debug)]
pub(super) struct Invocation {
    pub span: Span,
    pub name: Arc<str>,
    pub pipeline: Option<Pipeline>,
}

/// `$a, $b := command | command`.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    pub span: Span,
    pub variables: Vec<Ident>,
    /// `=` rather than `:=`.
    pub assigns: bool,
    pub commands: Vec<Command>,
}

/// A function, method or value, and its arguments.
#[derive(Debug)]
pub(super) struct Command {
    pub span: Span,
    pub words: Vec<Expression>,
}

#[derive(Debug)]
pub(super) struct Expression {
    pub span: Span,
    pub kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    /// `.a.b`.
    Field(Vec<Ident>),
    /// `$x.a.b`; the name holds the `$`.
    Variable(Arc<str>, Vec<Ident>),
    Function(Arc<Function>),
    /// `(pipeline)`.
    Pipeline(Box<Pipeline>),
    /// `(pipeline).a.b`, `now.Year`.
    Chain(Box<Expression>, Vec<Ident>),
}

/// A name and its span, which of a field includes the dot.
#[derive(Debug, Clone)]
pub(super) struct Ident {
    pub name: Arc<str>,
    pub span: Span,
}
