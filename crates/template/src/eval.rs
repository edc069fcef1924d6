//! Runs a parsed template over its data.

use std::collections::HashSet;
use std::sync::Arc;

use super::MissingKey;
use super::ast::{Branches, Command, Expression, Ident, Invocation, Kind, Node, Pipeline, Range};
use super::budget::{Budget, MAX_DEPTH, MAX_FINDINGS, deeper};
use super::eval_context::EvalContext;
use super::functions::{Args, Body, Call, Expressions, Function, FunctionError, Type};
use super::origins::{Mark, Origins};
use super::print;
use super::set::{Body as TemplateBody, Set};
use super::source::{Quoted, Source, Span};
use super::value::{Element, Map, Value};
use kopsform_diagnostics::{Report, Rule, nearest};

/// Renders a set's main template within a budget; also says where each part of the output comes from.
///
/// # Errors
/// Every error that was met. After one, the rest is still run to find more, except for blocks that depend on it.
pub(super) fn render(
    set: &Set,
    missing_key: MissingKey,
    data: &Value,
    eval_context: &EvalContext,
    budget: Budget,
) -> Result<(String, Origins), Report> {
    let main = set.main();
    let mut run = Run {
        set,
        missing_key,
        eval_context,
        budget,
        expressions: Expressions::default(),
        source: &main.source,
        report: Report::default(),
        seen: HashSet::new(),
        out: String::new(),
        origins: Origins::default(),
        variables: vec![(Arc::from("$"), Some(data.clone()))],
        frame: 0,
        depth: 0,
    };
    // An error that ends the run is in the report as any other.
    let _ = run.list(&main.body, data);
    if run.report.is_empty() {
        return Ok((run.out, run.origins));
    }
    let mut report = run.report;
    report.sort();
    Err(report)
}

/// Why an expression has no value.
enum Interrupt {
    /// An error in an action; the run goes on after it.
    Error(Box<EvalError>),
    /// A value it depends on has failed; that error is in the report already.
    Known,
    /// The run is over.
    End,
}

struct EvalError {
    span: Span,
    code: Rule,
    path: String,
    error: FunctionError,
}

type Evaluated = Result<Value, Interrupt>;

/// Fields or methods taken from a value one after the other: `.a.b`, `$x.a.b`, `(pipeline).a.b`.
#[derive(Clone, Copy)]
struct Members<'t> {
    idents: &'t [Ident],
    /// The byte of the template that the whole expression begins at, for the path in messages.
    start: usize,
}

/// The arguments of a call: those written after its name, then the value that was piped in.
#[derive(Default)]
struct Given<'t> {
    args: &'t [Expression],
    last: Option<Value>,
}

impl Given<'_> {
    fn len(&self) -> usize {
        self.args.len() + usize::from(self.last.is_some())
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How a list of nodes ended.
#[derive(PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

struct Run<'t> {
    set: &'t Set,
    missing_key: MissingKey,
    eval_context: &'t EvalContext,
    budget: Budget,
    expressions: Expressions,
    /// The template that is running.
    source: &'t Arc<Source>,
    report: Report,
    seen: HashSet<(*const Source, Span, String)>,
    out: String,
    /// Where each part of `out` comes from.
    origins: Origins,
    /// Variables of all templates that are running; those without a value were set by a pipeline that failed.
    variables: Vec<(Arc<str>, Option<Value>)>,
    /// The index of the running template's first variable.
    frame: usize,
    depth: usize,
}

impl<'t> Run<'t> {
    fn list(&mut self, nodes: &'t [Node], dot: &Value) -> Result<Flow, Interrupt> {
        for node in nodes {
            self.budget.spend(1).map_err(|error| self.give_up(Span::default(), error))?;
            let flow = match node {
                Node::Text(span) => {
                    let text = self.source.slice(*span);
                    self.print(text, *span, true)?;
                    Flow::Next
                }
                Node::Action(pipeline) => {
                    if let Some(value) = self.settled(pipeline, dot)?
                        && pipeline.variables.is_empty()
                    {
                        match print::display(&value, &mut self.budget) {
                            Ok(text) => self.print(&text, pipeline.span, false)?,
                            Err(error) => self.report_error(pipeline.span, "", error)?,
                        }
                    }
                    Flow::Next
                }
                Node::If(branches) => self.branches(branches, dot, false)?,
                Node::With(branches) => self.branches(branches, dot, true)?,
                Node::Range(range) => self.range(range, dot)?,
                Node::Template(invocation) => {
                    self.template(invocation, dot)?;
                    Flow::Next
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    /// Runs a block, one level deeper.
    fn nested(&mut self, nodes: &'t [Node], dot: &Value, span: Span) -> Result<Flow, Interrupt> {
        self.descend(span)?;
        let flow = deeper(|| self.list(nodes, dot));
        self.depth -= 1;
        flow
    }

    fn descend(&mut self, span: Span) -> Result<(), Interrupt> {
        if self.depth >= MAX_DEPTH {
            let error = FunctionError::fatal(format!(
                "templates, blocks and parentheses are nested more than {MAX_DEPTH} deep"
            ))
            .hint("look for a template that calls itself without an end");
            return Err(self.give_up(span, error));
        }
        self.depth += 1;
        Ok(())
    }

    fn branches(&mut self, branches: &'t Branches, dot: &Value, with: bool) -> Result<Flow, Interrupt> {
        let mark = self.variables.len();
        let mut outcome = Ok(Flow::Next);
        let mut chosen = false;
        for arm in &branches.arms {
            match self.settled(&arm.pipeline, dot)? {
                // The condition is not known: neither side is run.
                None => chosen = true,
                Some(value) if value.truth() => {
                    let dot = if with { &value } else { dot };
                    outcome = self.nested(&arm.body, dot, arm.pipeline.span);
                    chosen = true;
                }
                Some(_) => {}
            }
            if chosen {
                break;
            }
        }
        if !chosen {
            let span = branches.arms.first().map_or(Span::default(), |arm| arm.pipeline.span);
            outcome = self.nested(&branches.otherwise, dot, span);
        }
        self.variables.truncate(mark);
        outcome
    }

    fn range(&mut self, range: &'t Range, dot: &Value) -> Result<Flow, Interrupt> {
        let mark = self.variables.len();
        let outcome = self.range_over(range, dot);
        self.variables.truncate(mark);
        outcome
    }

    fn range_over(&mut self, range: &'t Range, dot: &Value) -> Result<Flow, Interrupt> {
        let pipeline = &range.pipeline;
        let Some(value) = self.settled(pipeline, dot)? else { return Ok(Flow::Next) };
        let mark = self.variables.len();
        let two = pipeline.variables.len() > 1;
        let mut ran = false;
        if let Value::Map(map) = &value {
            // Its entries are copied first: the body can change the map.
            self.budget.spend(map.len() / 4).map_err(|error| self.give_up(pipeline.span, error))?;
        }
        let items = match range_items(&value, two) {
            Ok(items) => items,
            Err(error) => return self.report_error(pipeline.span, "", error).map(|()| Flow::Next),
        };
        for (index, item) in items {
            ran = true;
            self.budget.spend(1).map_err(|error| self.give_up(pipeline.span, error))?;
            let values = if two { [Some(index), Some(item.clone())] } else { [Some(item.clone()), None] };
            for (variable, value) in pipeline.variables.iter().zip(values) {
                self.assign(variable, value)?;
            }
            let flow = self.nested(&range.body, &item, pipeline.span);
            self.variables.truncate(mark);
            if flow? == Flow::Break {
                break;
            }
        }
        if ran {
            return Ok(Flow::Next);
        }
        self.nested(&range.otherwise, dot, pipeline.span)
    }

    fn template(&mut self, invocation: &'t Invocation, dot: &Value) -> Result<(), Interrupt> {
        let Some(body) = self.set.get(&invocation.name) else {
            let error = self.unknown_template(&invocation.name);
            return self.report_error(invocation.span, "", error);
        };
        let dot = match &invocation.pipeline {
            None => Value::Absent,
            Some(pipeline) => match self.settled(pipeline, dot)? {
                Some(value) => value,
                None => return Ok(()),
            },
        };
        self.call_template(body, dot, invocation.span)
    }

    fn unknown_template(&mut self, name: &str) -> FunctionError {
        let error = FunctionError::new(format!("template {} is not defined", Quoted(name)));
        if self.budget.spend(self.set.names().count().saturating_mul(4)).is_err() {
            return error;
        }
        match nearest(name, self.set.names()) {
            Some(near) => error.hint(format!("did you mean {near:?}?")),
            None => error,
        }
    }

    fn call_template(&mut self, body: &'t TemplateBody, dot: Value, span: Span) -> Result<(), Interrupt> {
        self.descend(span)?;
        let source = std::mem::replace(&mut self.source, &body.source);
        let frame = std::mem::replace(&mut self.frame, self.variables.len());
        self.variables.push((Arc::from("$"), Some(dot.clone())));
        let outcome = deeper(|| self.list(&body.body, &dot));
        self.variables.truncate(self.frame);
        self.frame = frame;
        self.source = source;
        self.depth -= 1;
        outcome.map(|_| ())
    }

    /// Evaluates a pipeline of an action. On an error, which goes to the report, its variables have no value.
    fn settled(&mut self, pipeline: &'t Pipeline, dot: &Value) -> Result<Option<Value>, Interrupt> {
        match self.pipeline(pipeline, dot) {
            Ok(value) => Ok(Some(value)),
            Err(interrupt) => {
                match interrupt {
                    Interrupt::End => return Err(Interrupt::End),
                    Interrupt::Known => {}
                    Interrupt::Error(failure) => self.record(*failure)?,
                }
                for variable in &pipeline.variables {
                    if !pipeline.assigns {
                        self.variables.push((variable.name.clone(), None));
                    } else if let Some(slot) = self.slot(&variable.name) {
                        *slot = None;
                    }
                }
                Ok(None)
            }
        }
    }

    fn pipeline(&mut self, pipeline: &'t Pipeline, dot: &Value) -> Evaluated {
        let mut last = None;
        for command in &pipeline.commands {
            let value = self.command(command, dot, last.take())?;
            last = Some(if matches!(value, Value::Nil) { Value::Absent } else { value });
        }
        let value = last.unwrap_or_default();
        for variable in &pipeline.variables {
            if pipeline.assigns {
                self.assign(variable, Some(value.clone()))?;
            } else {
                self.variables.push((variable.name.clone(), Some(value.clone())));
            }
        }
        Ok(value)
    }

    /// A variable of the running template: the last one declared of that name that is still in scope.
    fn slot(&mut self, name: &str) -> Option<&mut Option<Value>> {
        self.variables[self.frame..].iter_mut().rev().find(|(n, _)| **n == *name).map(|(_, value)| value)
    }

    /// Counts the search for a variable, which takes long with very many in scope.
    fn charge_search(&mut self, span: Span) -> Result<(), Interrupt> {
        let searched = (self.variables.len() - self.frame) / 16;
        self.budget.spend(searched).map_err(|error| self.give_up(span, error))
    }

    fn assign(&mut self, variable: &Ident, value: Option<Value>) -> Result<(), Interrupt> {
        self.charge_search(variable.span)?;
        match self.slot(&variable.name) {
            Some(slot) => {
                *slot = value;
                Ok(())
            }
            None => Err(interrupt(
                variable.span,
                Rule::UnknownVariable,
                FunctionError::new(format!("undefined variable {}", variable.name)),
            )),
        }
    }

    fn command(&mut self, command: &'t Command, dot: &Value, last: Option<Value>) -> Evaluated {
        let Some((first, args)) = command.words.split_first() else { return Ok(Value::Absent) };
        let given = Given { args, last };
        match &first.kind {
            Kind::Function(function) => self.call(function, first.span, given, dot),
            Kind::Field(idents) => self.members(dot.clone(), Members { idents, start: first.span.start }, given, dot),
            Kind::Chain(inner, idents) => {
                let receiver = self.expression(inner, dot)?;
                self.members(receiver, Members { idents, start: inner.span.start }, given, dot)
            }
            Kind::Variable(name, idents) if !idents.is_empty() => {
                let receiver = self.variable(name, first.span)?;
                self.members(receiver, Members { idents, start: first.span.start }, given, dot)
            }
            _ if !given.is_empty() => {
                let text = self.source.slice(first.span);
                let error = FunctionError::new(format!("{text} is not a function and takes no arguments"));
                Err(interrupt(first.span, Rule::NoFunction, error))
            }
            Kind::Nil => Err(interrupt(first.span, Rule::NoFunction, FunctionError::new("nil is not a command"))),
            _ => self.expression(first, dot),
        }
    }

    /// The value of an expression without arguments.
    fn expression(&mut self, expression: &'t Expression, dot: &Value) -> Evaluated {
        Ok(match &expression.kind {
            Kind::Dot => dot.clone(),
            Kind::Nil => Value::Nil,
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Text(text) => Value::Str(text.clone()),
            Kind::Number(number) => match (number.written_as_float, number.int, number.float) {
                (false, Some(n), _) => Value::Int(n),
                (true, _, Some(n)) => Value::Float(n),
                _ => {
                    let text = self.source.slice(expression.span).to_owned();
                    return Err(interrupt(
                        expression.span,
                        Rule::Overflow,
                        FunctionError::new(format!("{text} overflows int")),
                    ));
                }
            },
            Kind::Field(idents) => {
                let members = Members { idents, start: expression.span.start };
                return self.members(dot.clone(), members, Given::default(), dot);
            }
            Kind::Variable(name, idents) => {
                let value = self.variable(name, expression.span)?;
                return self.members(value, Members { idents, start: expression.span.start }, Given::default(), dot);
            }
            Kind::Function(function) => return self.call(function, expression.span, Given::default(), dot),
            Kind::Pipeline(pipeline) => {
                self.descend(expression.span)?;
                let value = deeper(|| self.pipeline(pipeline, dot));
                self.depth -= 1;
                return value;
            }
            Kind::Chain(inner, idents) => {
                let receiver = self.expression(inner, dot)?;
                return self.members(receiver, Members { idents, start: inner.span.start }, Given::default(), dot);
            }
        })
    }

    fn variable(&mut self, name: &str, span: Span) -> Evaluated {
        self.charge_search(span)?;
        match self.slot(name) {
            Some(Some(value)) => Ok(value.clone()),
            Some(None) => Err(Interrupt::Known),
            None => {
                Err(interrupt(span, Rule::UnknownVariable, FunctionError::new(format!("undefined variable {name}"))))
            }
        }
    }

    /// Takes members one after the other; the last one, if it is a method, gets the arguments.
    fn members(&mut self, receiver: Value, members: Members<'t>, given: Given<'t>, dot: &Value) -> Evaluated {
        let Some((final_ident, before)) = members.idents.split_last() else { return Ok(receiver) };
        let start = members.start;
        let mut value = receiver;
        for ident in before {
            value = self.member(value, ident, Vec::new()).map_err(|failure| self.with_path(failure, start, ident))?;
        }
        let mut args = Vec::with_capacity(given.args.len() + 1);
        for arg in given.args {
            args.push(self.argument(arg, Type::Any, dot, final_ident)?);
        }
        args.extend(given.last);
        self.member(value, final_ident, args).map_err(|failure| self.with_path(failure, start, final_ident))
    }

    /// An error about a member, with the path up to it as the template has it.
    fn with_path(&self, mut failure: EvalError, start: usize, ident: &Ident) -> Interrupt {
        failure.path = self.source.slice(Span::new(start, ident.span.end)).to_owned();
        Interrupt::Error(Box::new(failure))
    }

    fn member(&mut self, receiver: Value, ident: &Ident, args: Vec<Value>) -> Result<Value, EvalError> {
        let name = &*ident.name;
        let failure = |code, error| EvalError { span: ident.span, code, path: String::new(), error };
        match &receiver {
            Value::Absent if self.missing_key != MissingKey::Error => Ok(Value::Absent),
            Value::Absent | Value::Nil => Err(failure(
                Rule::MissingKey,
                FunctionError::new(format!("there is no key {}: the value before it is null", Quoted(name))),
            )),
            Value::Map(_) if !args.is_empty() => Err(failure(
                Rule::NoFunction,
                FunctionError::new(format!("{} is a key and takes no arguments", Quoted(name))),
            )),
            Value::Map(map) => match map.get(name) {
                Some(value) => Ok(value),
                None => match self.missing_key {
                    MissingKey::Default => Ok(Value::Absent),
                    MissingKey::Zero if map.element() == Element::Str => Ok("".into()),
                    MissingKey::Zero => Ok(Value::Nil),
                    MissingKey::Error => Err(failure(Rule::MissingKey, self.missing_key(name, map))),
                },
            },
            Value::Object(object) => match object.member(name, &args) {
                Some(outcome) => outcome.map_err(|error| failure(Rule::Call, error)),
                None => {
                    let kind = receiver.type_name();
                    let message = format!("a {kind} has no method {} for these arguments", Quoted(name));
                    let error = FunctionError::new(message);
                    Err(failure(Rule::MissingKey, suggest(error, name, object.members())))
                }
            },
            other => Err(failure(
                Rule::MissingKey,
                FunctionError::new(format!(
                    "there is no key {}: the value before it is a {}",
                    Quoted(name),
                    other.type_name()
                )),
            )),
        }
    }

    fn call(&mut self, function: &'t Arc<Function>, span: Span, given: Given<'t>, dot: &Value) -> Evaluated {
        if let Err(error) = function.check_count(given.len()) {
            return Err(interrupt(span, Rule::Arguments, error));
        }
        if let Body::And | Body::Or = function.body {
            return self.short_circuit(matches!(function.body, Body::Or), given, dot);
        }
        let ident = Ident { name: function.name.clone(), span };
        let mut values = Vec::with_capacity(given.len());
        for (i, arg) in given.args.iter().enumerate() {
            values.push(self.argument(arg, function.parameter(i), dot, &ident)?);
        }
        if let Some(last) = given.last {
            let index = given.args.len();
            let value = checked(last, function.parameter(index))
                .map_err(|error| self.argument_error(span, &function.name, index, error))?;
            values.push(value);
        }
        self.budget.call(&values).map_err(|error| self.give_up(span, error))?;
        let values = Args(values);
        let mut call =
            Call { budget: &mut self.budget, eval_context: self.eval_context, expressions: &mut self.expressions };
        let outcome = match &function.body {
            Body::Native(body) => body(&mut call, &values),
            Body::Closure(body) => body(&mut call, &values),
            Body::Include => return self.include(&values, span),
            Body::And | Body::Or => Ok(Value::Absent),
        };
        let value = outcome.map_err(|error| self.call_error(span, &function.name, error))?;
        self.budget.result(&value).map_err(|error| self.give_up(span, error))?;
        Ok(value)
    }

    /// `and` and `or`: the first value that decides, or the last one. What comes after it is not evaluated, as in Go from
    /// 1.18 on.
    fn short_circuit(&mut self, or: bool, given: Given<'t>, dot: &Value) -> Evaluated {
        let mut value = Value::Absent;
        for arg in given.args {
            value = self.expression(arg, dot)?;
            if value.truth() == or {
                return Ok(value);
            }
        }
        Ok(given.last.unwrap_or(value))
    }

    /// Evaluates an argument and checks its type.
    fn argument(&mut self, arg: &'t Expression, wanted: Type, dot: &Value, function: &Ident) -> Evaluated {
        let mismatch = |found: &str| {
            let error = FunctionError::new(format!("{} takes a {wanted} here, not {found}", function.name));
            Err(interrupt(arg.span, Rule::Arguments, error))
        };
        let text = self.source.slice(arg.span);
        match (&arg.kind, wanted) {
            (_, Type::Any) => self.expression(arg, dot),
            (Kind::Bool(b), Type::Bool) => Ok(Value::Bool(*b)),
            (Kind::Text(text), Type::Str) => Ok(Value::Str(text.clone())),
            (Kind::Number(number), Type::Int) => match number.int {
                Some(n) => Ok(Value::Int(n)),
                None => mismatch(text),
            },
            (Kind::Number(number), Type::Uint32) => match number.uint.filter(|n| u32::try_from(*n).is_ok()) {
                Some(n) => Ok(Value::Uint64(n)),
                None => mismatch(text),
            },
            (Kind::Number(number), Type::Float) => match number.float {
                Some(n) => Ok(Value::Float(n)),
                None => mismatch(text),
            },
            (Kind::Bool(_) | Kind::Text(_) | Kind::Number(_), _) => mismatch(text),
            (Kind::Nil, Type::Map) => Ok(Map::nil().into()),
            (Kind::Nil, Type::List) => Ok(Value::Nil),
            (Kind::Nil, _) => mismatch("nil"),
            _ => {
                let value = self.expression(arg, dot)?;
                checked(value, wanted).map_err(|error| {
                    let error = FunctionError { message: format!("{} {}", function.name, error.message), ..error };
                    interrupt(arg.span, Rule::Arguments, error)
                })
            }
        }
    }

    /// A missing key, with the nearest one as a hint. Looking for that counts as work: a loop does it again and again.
    fn missing_key(&mut self, name: &str, map: &Map) -> FunctionError {
        let error = FunctionError::new(format!("there is no key {}", Quoted(name)));
        let count = map.len();
        if self.budget.spend(count.saturating_mul(4)).is_err() {
            return error;
        }
        let keys = map.keys();
        let near = suggest(error, name, keys.iter().map(AsRef::as_ref).collect());
        if near.hint.is_some() {
            return near;
        }
        match count {
            0 => near.hint("the map has no keys"),
            1..=8 => near.hint(format!("keys here are {}", keys.join(", "))),
            _ => near,
        }
    }

    fn argument_error(&self, span: Span, name: &str, index: usize, error: FunctionError) -> Interrupt {
        let message = format!("{name} {} as argument {}", error.message, index + 1);
        interrupt(span, Rule::Arguments, FunctionError { message, ..error })
    }

    fn call_error(&mut self, span: Span, name: &str, error: FunctionError) -> Interrupt {
        let error = FunctionError { message: format!("{name}: {}", error.message), ..error };
        if error.fatal {
            return self.give_up(span, error);
        }
        interrupt(span, Rule::Call, error)
    }

    fn include(&mut self, args: &Args, span: Span) -> Evaluated {
        let name = args.text(0);
        let Some(body) = self.set.get(name) else {
            let error = self.unknown_template(name);
            return Err(interrupt(span, Rule::UnknownTemplate, error));
        };
        let out = std::mem::take(&mut self.out);
        let origins = std::mem::take(&mut self.origins);
        let before = self.report.findings.len();
        let outcome = self.call_template(body, args.map(1).into(), span);
        let text = std::mem::replace(&mut self.out, out);
        // Other functions can change the string: the action it is used in is all that is known of its origin.
        self.origins = origins;
        outcome?;
        if self.report.findings.len() > before {
            return Err(Interrupt::Known);
        }
        Ok(text.into())
    }

    /// Adds to the output: a span of the template as it is, or the result of an action.
    fn print(&mut self, text: &str, span: Span, verbatim: bool) -> Result<(), Interrupt> {
        if let Err(error) = self.budget.longer(self.out.len(), text.len()).and_then(|()| self.budget.spend(1)) {
            return Err(self.give_up(span, error));
        }
        self.origins.push(Mark { at: self.out.len(), source: self.source, offset: span.start, verbatim });
        self.out.push_str(text);
        Ok(())
    }

    fn report_error(&mut self, span: Span, path: &str, error: FunctionError) -> Result<(), Interrupt> {
        if error.fatal {
            return Err(self.give_up(span, error));
        }
        self.record(EvalError { span, code: Rule::Template, path: path.to_owned(), error })
    }

    /// Reports an error that ends the run.
    fn give_up(&mut self, span: Span, error: FunctionError) -> Interrupt {
        let _ = self.record(EvalError { span, code: Rule::Template, path: String::new(), error });
        Interrupt::End
    }

    fn record(&mut self, failure: EvalError) -> Result<(), Interrupt> {
        let EvalError { span, code, path, error } = failure;
        let key = (Arc::as_ptr(self.source), span, error.message.clone());
        if self.seen.insert(key) {
            let mut finding = self.source.error(code, span, error.message);
            finding.path = path;
            finding.hint = error.hint;
            self.report.push(finding);
        }
        if error.fatal || self.report.findings.len() >= MAX_FINDINGS { Err(Interrupt::End) } else { Ok(()) }
    }
}

/// The indices or keys and the items a range goes over. Only a range with one variable can go over a number.
fn range_items(value: &Value, two: bool) -> Result<Box<dyn Iterator<Item = (Value, Value)> + '_>, FunctionError> {
    Ok(match value {
        Value::Absent | Value::Nil => Box::new(std::iter::empty()),
        Value::Int(n) if !two => Box::new((0..*n).map(|i| (Value::Absent, Value::Int(i)))),
        Value::Int64(n) if !two => Box::new((0..*n).map(|i| (Value::Absent, Value::Int64(i)))),
        Value::Uint64(n) if !two => Box::new((0..*n).map(|i| (Value::Absent, Value::Uint64(i)))),
        Value::List(list) => Box::new((0..).map(Value::Int).zip(list.items().iter().cloned())),
        Value::Map(map) => Box::new(map.entries().into_iter().map(|(key, item)| (key.into(), item))),
        Value::Int(_) | Value::Int64(_) | Value::Uint64(_) => {
            return Err(FunctionError::new("a range over a number has one variable"));
        }
        other => {
            let error = FunctionError::new(format!("range can't iterate over a {}", other.type_name()));
            return Err(match other {
                Value::Float(_) => error.hint("numbers of a values file are floats: use `until (int …)`"),
                _ => error,
            });
        }
    })
}

fn interrupt(span: Span, code: Rule, error: FunctionError) -> Interrupt {
    Interrupt::Error(Box::new(EvalError { span, code, path: String::new(), error }))
}

fn suggest(error: FunctionError, name: &str, known: Vec<&str>) -> FunctionError {
    match nearest(name, known) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error,
    }
}

/// Checks that a value is of a parameter's type. Go converts nothing here, and neither does this.
fn checked(value: Value, wanted: Type) -> Result<Value, FunctionError> {
    use super::object::Object;
    let fits = match (&value, wanted) {
        (_, Type::Any)
        | (Value::Str(_), Type::Str)
        | (Value::Int(_), Type::Int)
        | (Value::Float(_), Type::Float)
        | (Value::Bool(_), Type::Bool) => true,
        (Value::Map(map), Type::Map) => map.element() == Element::Any,
        (Value::List(list), Type::List) => list.element() == Element::Any,
        (Value::Absent, Type::Map) => return Ok(Map::nil().into()),
        (Value::Absent, Type::List) => true,
        (Value::Object(object), Type::Time) => matches!(**object, Object::Time(_)),
        (Value::Object(object), Type::Certificate) => matches!(**object, Object::Certificate { .. }),
        _ => false,
    };
    if fits {
        return Ok(value);
    }
    let found = if value.is_nil() { "null".to_owned() } else { format!("a {}", value.type_name()) };
    let error = FunctionError::new(format!("takes a {wanted}, not {found}"));
    Err(match (&value, wanted) {
        (Value::Float(_) | Value::Int64(_), Type::Int) => error.hint("convert it with `int`"),
        (Value::Absent | Value::Nil, _) => error.hint("give it a value with `default`"),
        (_, Type::Str) => error.hint("convert it with `toString`"),
        (_, Type::Int) => error.hint("convert it with `int`"),
        _ => error,
    })
}
