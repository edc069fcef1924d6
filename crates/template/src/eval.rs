//! Runs a parsed template over its data.

use std::collections::HashSet;
use std::sync::Arc;

use super::MissingKey;
use super::ast::{Branches, Command, Expression, Ident, Invocation, Kind, Node, Pipeline, Range};
use super::budget::{Budget, MAX_DEPTH, MAX_FINDINGS, deeper};
use super::eval_context::EvalContext;
use super::functions::{Args, Body, Call, Function, FunctionError, Type};
use super::origins::{Mark, Origins};
use super::print;
use super::set::{Body as TemplateBody, Set};
use super::source::{Source, Span};
use super::value::{Element, Map, Value};
use kopsform_diagnostics::{Report, Rule, nearest};

/// Renders a set's main template, within a budget. Says where each part of the text comes from, too.
///
/// # Errors
/// Every error that was met; after one, the rest is still run to find more, except within blocks that depend on it.
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
        source: &main.source,
        report: Report::default(),
        seen: HashSet::new(),
        out: String::new(),
        origins: Origins::default(),
        variables: vec![(Arc::from("$"), Some(data.clone()))],
        frame: 0,
        depth: 0,
    };
    // An error that ends the run is in the report like any other.
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
    /// An error at a place; the run can go on behind the action.
    Error(Box<EvalError>),
    /// Something it depends on has failed, which is in the report already.
    Known,
    /// The run is over.
    End,
}

struct EvalError {
    span: Span,
    code: Rule,
    path: String,
    fault: FunctionError,
}

type Evaluated = Result<Value, Interrupt>;

/// How a list of nodes was left.
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
    /// The text that is running.
    source: &'t Arc<Source>,
    report: Report,
    seen: HashSet<(*const Source, Span, String)>,
    out: String,
    /// Where each part of `out` comes from.
    origins: Origins,
    /// Variables; those without a value belong to a pipeline that failed.
    variables: Vec<(Arc<str>, Option<Value>)>,
    /// Where the variables of the running template begin.
    frame: usize,
    depth: usize,
}

impl<'t> Run<'t> {
    fn list(&mut self, nodes: &'t [Node], dot: &Value) -> Result<Flow, Interrupt> {
        for node in nodes {
            self.budget.spend(1).map_err(|fault| self.give_up(Span::default(), fault))?;
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
                            Err(fault) => self.fault(pipeline.span, "", fault)?,
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

    /// A block one level deeper.
    fn nested(&mut self, nodes: &'t [Node], dot: &Value, span: Span) -> Result<Flow, Interrupt> {
        self.descend(span)?;
        let flow = deeper(|| self.list(nodes, dot));
        self.depth -= 1;
        flow
    }

    fn descend(&mut self, span: Span) -> Result<(), Interrupt> {
        if self.depth >= MAX_DEPTH {
            let fault = FunctionError::fatal(format!(
                "templates, blocks and parentheses are nested more than {MAX_DEPTH} deep"
            ))
            .hint("look for a template that calls itself without an end");
            return Err(self.give_up(span, fault));
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
                // What the condition would have been is not known; neither side is run.
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
        let mut step = |run: &mut Self, index: Value, item: Value| -> Result<bool, Interrupt> {
            ran = true;
            run.budget.spend(1).map_err(|fault| run.give_up(pipeline.span, fault))?;
            let values = if two { [Some(index), Some(item.clone())] } else { [Some(item.clone()), None] };
            for (variable, value) in pipeline.variables.iter().zip(values) {
                run.assign(variable, value)?;
            }
            let flow = run.nested(&range.body, &item, pipeline.span);
            run.variables.truncate(mark);
            Ok(flow? == Flow::Break)
        };
        match &value {
            Value::Absent | Value::Nil => {}
            Value::Int(n) | Value::Int64(n) if !two => {
                let typed = |i: i64| if matches!(value, Value::Int(_)) { Value::Int(i) } else { Value::Int64(i) };
                for i in 0..*n {
                    if step(self, Value::Absent, typed(i))? {
                        break;
                    }
                }
            }
            Value::Uint64(n) if !two => {
                for i in 0..*n {
                    if step(self, Value::Absent, Value::Uint64(i))? {
                        break;
                    }
                }
            }
            Value::List(list) => {
                for (i, item) in list.items().iter().enumerate() {
                    if step(self, Value::Int(i64::try_from(i).unwrap_or(i64::MAX)), item.clone())? {
                        break;
                    }
                }
            }
            Value::Map(map) => {
                for (key, item) in map.entries() {
                    if step(self, key.into(), item)? {
                        break;
                    }
                }
            }
            other => {
                let mut message = format!("range can't iterate over a {}", other.type_name());
                if two && matches!(other, Value::Int(_) | Value::Int64(_) | Value::Uint64(_)) {
                    message = "a range over a number has one variable".to_owned();
                }
                let mut fault = FunctionError::new(message);
                if matches!(other, Value::Float(_)) {
                    fault = fault.hint("numbers of a values file are floats: use `until (int …)`");
                }
                self.fault(pipeline.span, "", fault)?;
                return Ok(Flow::Next);
            }
        }
        if ran {
            return Ok(Flow::Next);
        }
        self.nested(&range.otherwise, dot, pipeline.span)
    }

    fn template(&mut self, invocation: &'t Invocation, dot: &Value) -> Result<(), Interrupt> {
        let Some(body) = self.set.get(&invocation.name) else {
            return self.fault(invocation.span, "", self.unknown_template(&invocation.name));
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

    fn unknown_template(&self, name: &str) -> FunctionError {
        let fault = FunctionError::new(format!("template {name:?} is not defined"));
        match nearest(name, self.set.names()) {
            Some(near) => fault.hint(format!("did you mean {near:?}?")),
            None => fault,
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

    /// Evaluates a pipeline of an action. An error goes to the report; its variables then have no value.
    fn settled(&mut self, pipeline: &'t Pipeline, dot: &Value) -> Result<Option<Value>, Interrupt> {
        match self.pipeline(pipeline, dot) {
            Ok(value) => Ok(Some(value)),
            Err(stop) => {
                match stop {
                    Interrupt::End => return Err(Interrupt::End),
                    Interrupt::Known => {}
                    Interrupt::Error(trouble) => self.record(*trouble)?,
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

    fn slot(&mut self, name: &str) -> Option<&mut Option<Value>> {
        self.variables[self.frame..].iter_mut().rev().find(|(n, _)| **n == *name).map(|(_, value)| value)
    }

    fn assign(&mut self, variable: &Ident, value: Option<Value>) -> Result<(), Interrupt> {
        match self.slot(&variable.name) {
            Some(slot) => {
                *slot = value;
                Ok(())
            }
            None => Err(error(
                variable.span,
                Rule::UnknownVariable,
                FunctionError::new(format!("undefined variable {}", variable.name)),
            )),
        }
    }

    fn command(&mut self, command: &'t Command, dot: &Value, last: Option<Value>) -> Evaluated {
        let Some((first, args)) = command.words.split_first() else { return Ok(Value::Absent) };
        match &first.kind {
            Kind::Function(function) => self.call(function, first.span, args, last, dot),
            Kind::Field(idents) => self.members(dot.clone(), idents, None, first, args, last, dot),
            Kind::Chain(inner, idents) => {
                let receiver = self.expression(inner, dot)?;
                self.members(receiver, idents, Some(inner), first, args, last, dot)
            }
            Kind::Variable(name, idents) if !idents.is_empty() => {
                let receiver = self.variable(name, first.span)?;
                self.members(receiver, idents, Some(first), first, args, last, dot)
            }
            _ if !args.is_empty() || last.is_some() => {
                let text = self.source.slice(first.span).to_owned();
                let fault = FunctionError::new(format!("can't give arguments to {text}, which is no function"));
                Err(error(first.span, Rule::NoFunction, fault))
            }
            Kind::Nil => Err(error(first.span, Rule::NoFunction, FunctionError::new("nil is not a command"))),
            _ => self.expression(first, dot),
        }
    }

    /// The value of a word that has no arguments.
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
                    return Err(error(
                        expression.span,
                        Rule::Overflow,
                        FunctionError::new(format!("{text} overflows int")),
                    ));
                }
            },
            Kind::Field(idents) => return self.members(dot.clone(), idents, None, expression, &[], None, dot),
            Kind::Variable(name, idents) => {
                let value = self.variable(name, expression.span)?;
                return self.members(value, idents, Some(expression), expression, &[], None, dot);
            }
            Kind::Function(function) => return self.call(function, expression.span, &[], None, dot),
            Kind::Pipeline(pipeline) => {
                self.descend(expression.span)?;
                let value = deeper(|| self.pipeline(pipeline, dot));
                self.depth -= 1;
                return value;
            }
            Kind::Chain(inner, idents) => {
                let receiver = self.expression(inner, dot)?;
                return self.members(receiver, idents, Some(inner), expression, &[], None, dot);
            }
        })
    }

    fn variable(&mut self, name: &str, span: Span) -> Evaluated {
        match self.slot(name) {
            Some(Some(value)) => Ok(value.clone()),
            Some(None) => Err(Interrupt::Known),
            None => Err(error(span, Rule::UnknownVariable, FunctionError::new(format!("undefined variable {name}")))),
        }
    }

    /// Takes members one after the other; the last one, if a method, gets the arguments.
    #[allow(clippy::too_many_arguments)]
    fn members(
        &mut self,
        receiver: Value,
        idents: &'t [Ident],
        base: Option<&'t Expression>,
        whole: &'t Expression,
        args: &'t [Expression],
        last: Option<Value>,
        dot: &Value,
    ) -> Evaluated {
        let mut value = receiver;
        let mut last = last;
        for (i, ident) in idents.iter().enumerate() {
            let at_end = i + 1 == idents.len();
            let mut given = Vec::new();
            if at_end {
                for arg in args {
                    given.push(self.argument(arg, Type::Any, dot, ident)?);
                }
                given.extend(last.take());
            }
            value = self.member(value, ident, given).map_err(|trouble| {
                let EvalError { span, code, fault, .. } = trouble;
                let start = base.map_or(whole.span.start, |b| b.span.start);
                let path = self.source.slice(Span::new(start, idents[i].span.end)).to_owned();
                Interrupt::Error(Box::new(EvalError { span, code, path, fault }))
            })?;
        }
        Ok(value)
    }

    fn member(&mut self, receiver: Value, ident: &Ident, args: Vec<Value>) -> Result<Value, EvalError> {
        let name = &*ident.name;
        let trouble = |code, fault| EvalError { span: ident.span, code, path: String::new(), fault };
        match &receiver {
            Value::Absent if self.missing_key != MissingKey::Error => Ok(Value::Absent),
            Value::Absent | Value::Nil => Err(trouble(
                Rule::MissingKey,
                FunctionError::new(format!("no key {name:?}: what it is looked up in is null")),
            )),
            Value::Map(_) if !args.is_empty() => {
                Err(trouble(Rule::NoFunction, FunctionError::new(format!("{name:?} is a key and takes no arguments"))))
            }
            Value::Map(map) => match map.get(name) {
                Some(value) => Ok(value),
                None => match self.missing_key {
                    MissingKey::Default => Ok(Value::Absent),
                    MissingKey::Zero if map.element() == Element::Str => Ok("".into()),
                    MissingKey::Zero => Ok(Value::Nil),
                    MissingKey::Error => Err(trouble(Rule::MissingKey, missing_key(name, map))),
                },
            },
            Value::Object(object) => match object.member(name, &args) {
                Some(outcome) => outcome.map_err(|fault| trouble(Rule::Call, fault)),
                None => {
                    let fault = FunctionError::new(format!(
                        "a {} has no method {name:?} for these arguments",
                        receiver.type_name()
                    ));
                    Err(trouble(Rule::MissingKey, suggest(fault, name, object.members())))
                }
            },
            other => Err(trouble(
                Rule::MissingKey,
                FunctionError::new(format!("no key {name:?}: what it is looked up in is a {}", other.type_name())),
            )),
        }
    }

    fn call(
        &mut self,
        function: &'t Arc<Function>,
        span: Span,
        args: &'t [Expression],
        last: Option<Value>,
        dot: &Value,
    ) -> Evaluated {
        let count = args.len() + usize::from(last.is_some());
        let wanted = function.parameters.len();
        if count < wanted || (count > wanted && function.rest.is_none()) {
            let least = if function.rest.is_some() { "at least " } else { "" };
            let plural = if wanted == 1 { "" } else { "s" };
            let fault =
                FunctionError::new(format!("{} takes {least}{wanted} argument{plural}, not {count}", function.name));
            return Err(error(span, Rule::Arguments, fault));
        }
        if let Body::And | Body::Or = function.body {
            let or = matches!(function.body, Body::Or);
            let mut value = Value::Absent;
            for arg in args {
                value = self.expression(arg, dot)?;
                if value.truth() == or {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut values = Vec::with_capacity(count);
        let parameter = |i: usize| function.parameters.get(i).copied().or(function.rest).unwrap_or(Type::Any);
        for (i, arg) in args.iter().enumerate() {
            let ident = Ident { name: function.name.clone(), span };
            values.push(self.argument(arg, parameter(i), dot, &ident)?);
        }
        if let Some(last) = last {
            let value = checked(last, parameter(args.len()))
                .map_err(|fault| self.argument_error(span, &function.name, args.len(), fault))?;
            values.push(value);
        }
        self.budget.spend(1).map_err(|fault| self.give_up(span, fault))?;
        let values = Args(values);
        let mut call = Call { budget: &mut self.budget, eval_context: self.eval_context };
        let outcome = match &function.body {
            Body::Native(body) => body(&mut call, &values),
            Body::Closure(body) => body(&mut call, &values),
            Body::Include => return self.include(&values, span),
            Body::And | Body::Or => Ok(Value::Absent),
        };
        outcome.map_err(|fault| self.call_error(span, &function.name, fault))
    }

    /// Evaluates an argument and checks its type.
    fn argument(&mut self, arg: &'t Expression, wanted: Type, dot: &Value, function: &Ident) -> Evaluated {
        let mismatch = |found: &str| {
            let fault = FunctionError::new(format!("{} takes a {wanted} here, not {found}", function.name));
            Err(error(arg.span, Rule::Arguments, fault))
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
                checked(value, wanted).map_err(|fault| {
                    let fault = FunctionError { message: format!("{} {}", function.name, fault.message), ..fault };
                    error(arg.span, Rule::Arguments, fault)
                })
            }
        }
    }

    fn argument_error(&self, span: Span, name: &str, index: usize, fault: FunctionError) -> Interrupt {
        let message = format!("{name} {} as argument {}", fault.message, index + 1);
        error(span, Rule::Arguments, FunctionError { message, ..fault })
    }

    fn call_error(&mut self, span: Span, name: &str, fault: FunctionError) -> Interrupt {
        let fault = FunctionError { message: format!("{name}: {}", fault.message), ..fault };
        if fault.fatal {
            return self.give_up(span, fault);
        }
        error(span, Rule::Call, fault)
    }

    fn include(&mut self, args: &Args, span: Span) -> Evaluated {
        let name = args.text(0);
        let Some(body) = self.set.get(name) else {
            return Err(error(span, Rule::UnknownTemplate, self.unknown_template(name)));
        };
        let out = std::mem::take(&mut self.out);
        let origins = std::mem::take(&mut self.origins);
        let before = self.report.findings.len();
        let outcome = self.call_template(body, args.map(1).into(), span);
        let text = std::mem::replace(&mut self.out, out);
        // What becomes of the text is up to the action: its parts have no origin but that.
        self.origins = origins;
        outcome?;
        if self.report.findings.len() > before {
            return Err(Interrupt::Known);
        }
        Ok(text.into())
    }

    /// Adds to the output: a stretch of the template as it stands, or what an action gave.
    fn print(&mut self, text: &str, span: Span, verbatim: bool) -> Result<(), Interrupt> {
        if let Err(fault) = self.budget.longer(self.out.len(), text.len()).and_then(|()| self.budget.spend(1)) {
            return Err(self.give_up(span, fault));
        }
        self.origins.push(Mark { at: self.out.len(), source: self.source, offset: span.start, verbatim });
        self.out.push_str(text);
        Ok(())
    }

    fn fault(&mut self, span: Span, path: &str, fault: FunctionError) -> Result<(), Interrupt> {
        if fault.fatal {
            return Err(self.give_up(span, fault));
        }
        self.record(EvalError { span, code: Rule::Template, path: path.to_owned(), fault })
    }

    /// Reports an error after which nothing more is run.
    fn give_up(&mut self, span: Span, fault: FunctionError) -> Interrupt {
        let _ = self.record(EvalError { span, code: Rule::Template, path: String::new(), fault });
        Interrupt::End
    }

    fn record(&mut self, trouble: EvalError) -> Result<(), Interrupt> {
        let EvalError { span, code, path, fault } = trouble;
        let key = (Arc::as_ptr(self.source), span, fault.message.clone());
        if self.seen.insert(key) {
            let mut finding = self.source.error(code, span, fault.message);
            finding.path = path;
            finding.hint = fault.hint;
            self.report.push(finding);
        }
        if fault.fatal || self.report.findings.len() >= MAX_FINDINGS { Err(Interrupt::End) } else { Ok(()) }
    }
}

fn error(span: Span, code: Rule, fault: FunctionError) -> Interrupt {
    Interrupt::Error(Box::new(EvalError { span, code, path: String::new(), fault }))
}

fn missing_key(name: &str, map: &Map) -> FunctionError {
    let keys = map.keys();
    let fault = FunctionError::new(format!("there is no key {name:?}"));
    let near = suggest(fault, name, keys.iter().map(AsRef::as_ref).collect());
    if near.hint.is_some() {
        return near;
    }
    match keys.len() {
        0 => near.hint("the map has no keys at all"),
        1..=8 => near.hint(format!("it has: {}", keys.join(", "))),
        _ => near,
    }
}

fn suggest(fault: FunctionError, name: &str, known: Vec<&str>) -> FunctionError {
    match nearest(name, known) {
        Some(near) => fault.hint(format!("did you mean {near}?")),
        None => fault,
    }
}

/// Whether a value is of a parameter's type. Go converts nothing here, so neither does this.
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
    let fault = FunctionError::new(format!("takes a {wanted}, not {found}"));
    Err(match (&value, wanted) {
        (Value::Float(_) | Value::Int64(_), Type::Int) => fault.hint("convert it with `int`"),
        (Value::Absent | Value::Nil, _) => fault.hint("give it a value with `default`"),
        (_, Type::Str) => fault.hint("convert it with `toString`"),
        (_, Type::Int) => fault.hint("convert it with `int`"),
        _ => fault,
    })
}
