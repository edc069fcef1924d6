//! A parsed template. Every part knows the stretch of text it came from.

use std::sync::Arc;

use super::functions::Function;
use super::number::Number;
use super::source::Span;

/// A stretch of output or an action.
#[derive(Debug)]
pub(super) enum Node {
    /// Text to print as it stands, after trimming.
    Text(Span),
    /// `{{ pipeline }}`.
    Action(Pipeline),
    /// `{{ if }}`.
    If(Branches),
    /// `{{ with }}`.
    With(Branches),
    /// `{{ range }}`.
    Range(Range),
    /// `{{ template "name" pipeline }}`; also what remains of `{{ block }}`.
    Template(Invocation),
    /// `{{ break }}`.
    Break,
    /// `{{ continue }}`.
    Continue,
}

/// The arms of `if … else if … else` or of `with`. A chain of `else if` is a row, not a tower.
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

/// A word and its arguments.
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

/// A name and where it stands; of a field the dot is part of the stretch.
#[derive(Debug, Clone)]
pub(super) struct Ident {
    pub name: Arc<str>,
    pub span: Span,
}
