//! Parses tokens into a tree. All errors of a source are found: after one, parsing continues after its action.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Arm, Branches, Command, Expression, Ident, Invocation, Kind, Node, Pipeline, Range};
use super::budget::MAX_FINDINGS;
use super::functions::Functions;
use super::lexer::{Keyword, Token, TokenKind, tokens};
use super::number::Number;
use super::source::{Quoted, Source, Span};
use kopsform_diagnostics::{Finding, Report, Rule, nearest};

/// How deep parentheses and blocks may nest in a source; the evaluator recurses as deep.
const MAX_NESTING: usize = 100;
/// Longer names are not repeated in hints.
const MAX_HINT: usize = 100;

/// The templates of a source: the main one, and those it defines in their order.
pub(super) struct Parsed {
    pub main: Vec<Node>,
    pub definitions: Vec<Definition>,
}

pub(super) struct Definition {
    pub name: Arc<str>,
    pub body: Vec<Node>,
}

/// Parses a source.
///
/// # Errors
/// All its errors.
pub(super) fn parse(source: &Source, functions: &Functions) -> Result<Parsed, Report> {
    let mut report = Report::default();
    let tokens = tokens(source, &mut report);
    let mut parser = Parser {
        source,
        functions,
        tokens,
        position: 0,
        report,
        scope: Scope::default(),
        definitions: Vec::new(),
        defined: HashMap::new(),
        blocks: 0,
        parentheses: 0,
        ranges: 0,
    };
    let mut main = Vec::new();
    parser.top_level(&mut main);
    let Parser { mut report, definitions, .. } = parser;
    if report.is_empty() {
        return Ok(Parsed { main, definitions });
    }
    report.sort();
    Err(report)
}

/// What ended a list of nodes.
enum Ending {
    End,
    Else(Span),
    Text,
}

/// An error that is in the report already.
struct Reported;

struct Parser<'s> {
    source: &'s Source,
    functions: &'s Functions,
    tokens: Vec<Token>,
    position: usize,
    report: Report,
    scope: Scope,
    definitions: Vec<Definition>,
    /// The index of each definition by its name.
    defined: HashMap<Arc<str>, usize>,
    blocks: usize,
    parentheses: usize,
    ranges: usize,
}

/// The variables in scope. `$`, the data, always is.
struct Scope {
    /// In the order of their declarations.
    declared: Vec<Arc<str>>,
    /// How often each name is in `declared`: a template can declare very many.
    count: HashMap<Arc<str>, usize>,
}

impl Default for Scope {
    fn default() -> Self {
        let mut scope = Self { declared: Vec::new(), count: HashMap::new() };
        scope.declare(Arc::from("$"));
        scope
    }
}

impl Scope {
    fn declare(&mut self, name: Arc<str>) {
        *self.count.entry(name.clone()).or_default() += 1;
        self.declared.push(name);
    }

    fn knows(&self, name: &str) -> bool {
        self.count.contains_key(name)
    }

    /// Where a block begins, for [`Scope::leave`].
    fn mark(&self) -> usize {
        self.declared.len()
    }

    /// Ends a block: forgets what was declared since.
    fn leave(&mut self, mark: usize) {
        for name in self.declared.drain(mark.min(self.declared.len())..) {
            if let Some(count) = self.count.get_mut(&name) {
                *count -= 1;
                if *count == 0 {
                    self.count.remove(&name);
                }
            }
        }
    }
}

impl Parser<'_> {
    fn top_level(&mut self, main: &mut Vec<Node>) {
        loop {
            match self.list(main, true) {
                Ending::Text => return,
                Ending::End => {}
                Ending::Else(_) => {
                    self.skip_action();
                }
            }
        }
    }

    /// Parses nodes up to `{{ end }}`, `{{ else` or the end of the text. After `{{ else`, the caller reads the rest of the
    /// action.
    fn list(&mut self, nodes: &mut Vec<Node>, top: bool) -> Ending {
        loop {
            if self.gives_up() {
                self.position = self.tokens.len() - 1;
            }
            let token = self.next();
            match token.kind {
                TokenKind::End => return Ending::Text,
                TokenKind::Text => nodes.push(Node::Text(token.span)),
                TokenKind::Open => {
                    self.spaces();
                    let word = self.peek().clone();
                    match word.kind {
                        TokenKind::Keyword(Keyword::End) => {
                            self.next();
                            if top {
                                self.error(Rule::UnexpectedEnd, word.span, "`{{ end }}` without a block to end");
                            }
                            let _ = self.close("end");
                            return Ending::End;
                        }
                        TokenKind::Keyword(Keyword::Else) => {
                            self.next();
                            if top {
                                self.error(Rule::UnexpectedElse, word.span, "`{{ else }}` outside a block");
                            }
                            return Ending::Else(word.span);
                        }
                        _ => {
                            if let Ok(Some(node)) = self.action(token.span, top) {
                                nodes.push(node);
                            }
                        }
                    }
                }
                // Tokens after an error that was reported.
                _ => {}
            }
        }
    }

    fn action(&mut self, open: Span, top: bool) -> Result<Option<Node>, Reported> {
        let token = self.peek().clone();
        let TokenKind::Keyword(keyword) = token.kind else {
            let pipeline = self.pipeline("action", &TokenKind::Close, false);
            if pipeline.is_err() {
                self.skip_action();
            }
            return pipeline.map(|p| Some(Node::Action(p)));
        };
        self.next();
        let opener = open.to(token.span);
        match keyword {
            Keyword::If => self.branches(keyword, opener).map(|b| Some(Node::If(b))),
            Keyword::With => self.branches(keyword, opener).map(|b| Some(Node::With(b))),
            Keyword::Range => self.range(opener).map(|r| Some(Node::Range(r))),
            Keyword::Template => self.template(opener).map(Some),
            Keyword::Block => self.block(opener).map(Some),
            Keyword::Define => self.define(opener, top).map(|()| None),
            Keyword::Break | Keyword::Continue => {
                let name = keyword.name();
                if self.ranges == 0 {
                    self.error(Rule::OutsideRange, token.span, format!("`{{{{ {name} }}}}` outside a range"));
                }
                self.close(name)?;
                Ok(Some(if keyword == Keyword::Break { Node::Break } else { Node::Continue }))
            }
            Keyword::End | Keyword::Else => Ok(None),
        }
    }

    fn branches(&mut self, keyword: Keyword, opener: Span) -> Result<Branches, Reported> {
        let mark = self.scope.mark();
        let mut branches = Branches { arms: Vec::new(), otherwise: Vec::new() };
        let enter = self.enter(opener);
        let mut pipeline = self.control(keyword);
        let outcome = loop {
            let mut body = Vec::new();
            let ending = self.list(&mut body, false);
            branches.arms.push(Arm { pipeline, body });
            match ending {
                Ending::End => break Ok(()),
                Ending::Text => break Err(self.never_closed(keyword, opener)),
                Ending::Else(_) => {}
            }
            self.spaces();
            if self.peek().kind == TokenKind::Keyword(keyword) {
                self.next();
                pipeline = self.control(keyword);
                continue;
            }
            let _ = self.close("else");
            break match self.list(&mut branches.otherwise, false) {
                Ending::End => Ok(()),
                Ending::Text => Err(self.never_closed(keyword, opener)),
                Ending::Else(span) => self.second_else(span, keyword, opener),
            };
        };
        self.scope.leave(mark);
        self.blocks -= 1;
        enter.and(outcome).map(|()| branches)
    }

    fn range(&mut self, opener: Span) -> Result<Range, Reported> {
        let mark = self.scope.mark();
        let enter = self.enter(opener);
        let pipeline = self.control(Keyword::Range);
        let mut range = Range { pipeline, body: Vec::new(), otherwise: Vec::new() };
        self.ranges += 1;
        let ending = self.list(&mut range.body, false);
        self.ranges -= 1;
        let outcome = match ending {
            Ending::End => Ok(()),
            Ending::Text => Err(self.never_closed(Keyword::Range, opener)),
            Ending::Else(_) => {
                let _ = self.close("else");
                match self.list(&mut range.otherwise, false) {
                    Ending::End => Ok(()),
                    Ending::Text => Err(self.never_closed(Keyword::Range, opener)),
                    Ending::Else(span) => self.second_else(span, Keyword::Range, opener),
                }
            }
        };
        self.scope.leave(mark);
        self.blocks -= 1;
        enter.and(outcome).map(|()| range)
    }

    /// A second `{{ else }}`: reads to the end of the block, so that its `{{ end }}` does not end another one.
    fn second_else(&mut self, span: Span, keyword: Keyword, opener: Span) -> Result<(), Reported> {
        self.error(Rule::UnexpectedElse, span, format!("a second `{{{{ else }}}}` in this {}", keyword.name()));
        self.skip_action();
        loop {
            match self.list(&mut Vec::new(), false) {
                Ending::End => return Err(Reported),
                Ending::Text => return Err(self.never_closed(keyword, opener)),
                Ending::Else(_) => self.skip_action(),
            }
        }
    }

    /// The pipeline of a control action. After an error it is empty, and the block is still parsed.
    fn control(&mut self, keyword: Keyword) -> Pipeline {
        match self.pipeline(keyword.name(), &TokenKind::Close, keyword == Keyword::Range) {
            Ok(pipeline) => pipeline,
            Err(Reported) => {
                self.skip_action();
                Pipeline::default()
            }
        }
    }

    fn template(&mut self, opener: Span) -> Result<Node, Reported> {
        let invocation = self.invocation("template", opener);
        if invocation.is_err() {
            self.skip_action();
        }
        invocation.map(Node::Template)
    }

    fn invocation(&mut self, context: &str, opener: Span) -> Result<Invocation, Reported> {
        let (name, span) = self.template_name(context)?;
        self.spaces();
        let pipeline = if self.peek().kind == TokenKind::Close {
            self.next();
            if context == "block" {
                return Err(self.error(Rule::Syntax, opener, "missing value for block"));
            }
            None
        } else {
            Some(self.pipeline(context, &TokenKind::Close, false)?)
        };
        Ok(Invocation { span, name, pipeline })
    }

    fn template_name(&mut self, context: &str) -> Result<(Arc<str>, Span), Reported> {
        self.spaces();
        let token = self.next();
        match token.kind {
            TokenKind::Quoted(name) => Ok((name, token.span)),
            kind => Err(self.unexpected(
                &Token { kind, span: token.span },
                &format!("{context} clause: expected its name in quotes"),
            )),
        }
    }

    fn block(&mut self, opener: Span) -> Result<Node, Reported> {
        let invocation = self.invocation("block", opener);
        if invocation.is_err() {
            self.skip_action();
        }
        let body = self.definition_body(Keyword::Block, opener)?;
        let invocation = invocation?;
        self.add_definition(invocation.name.clone(), invocation.span, body)?;
        Ok(Node::Template(invocation))
    }

    fn define(&mut self, opener: Span, top: bool) -> Result<(), Reported> {
        if !top {
            self.error(Rule::Syntax, opener, "a template can't be defined within a block");
        }
        let name = self.template_name("define").and_then(|name| self.close("define").map(|()| name));
        if name.is_err() {
            self.skip_action();
        }
        let body = self.definition_body(Keyword::Define, opener)?;
        let (name, span) = name?;
        self.add_definition(name, span, body)
    }

    /// Of two templates of one name in the same source, one must be blank; then the other one counts (Go: `Tree.add`).
    fn add_definition(&mut self, name: Arc<str>, span: Span, body: Vec<Node>) -> Result<(), Reported> {
        let Some(taken) = self.defined.get(&name).and_then(|index| self.definitions.get_mut(*index)) else {
            self.defined.insert(name.clone(), self.definitions.len());
            self.definitions.push(Definition { name, body });
            return Ok(());
        };
        if is_blank(self.source, &body) {
            return Ok(());
        }
        if is_blank(self.source, &taken.body) {
            taken.body = body;
            return Ok(());
        }
        Err(self.error(Rule::DuplicateTemplate, span, format!("template {} is defined twice", Quoted(&name))))
    }

    fn definition_body(&mut self, keyword: Keyword, opener: Span) -> Result<Vec<Node>, Reported> {
        let outer = std::mem::take(&mut self.scope);
        let ranges = std::mem::take(&mut self.ranges);
        let enter = self.enter(opener);
        let mut body = Vec::new();
        let outcome = match self.list(&mut body, false) {
            Ending::End => Ok(()),
            Ending::Text => Err(self.never_closed(keyword, opener)),
            Ending::Else(span) => self.second_else(span, keyword, opener),
        };
        self.blocks -= 1;
        self.scope = outer;
        self.ranges = ranges;
        enter.and(outcome).map(|()| body)
    }

    fn pipeline(&mut self, context: &str, end: &TokenKind, in_range: bool) -> Result<Pipeline, Reported> {
        self.spaces();
        let start = self.peek().span;
        let mut pipeline = Pipeline { span: start, ..Pipeline::default() };
        self.declarations(&mut pipeline, context, in_range)?;
        loop {
            self.spaces();
            match self.peek().kind {
                TokenKind::Pipe | TokenKind::Close | TokenKind::RightParen if pipeline.commands.is_empty() => {
                    self.next();
                    return Err(self.error(Rule::Syntax, start, format!("missing value for {context}")));
                }
                TokenKind::Broken => return Err(Reported),
                _ => {}
            }
            let command = self.command()?;
            pipeline.span = start.to(command.span);
            pipeline.commands.push(command);
            self.spaces();
            let mut token = self.next();
            if token.kind == TokenKind::Pipe {
                // Go allows a pipe with nothing after it.
                self.spaces();
                if self.peek().kind != *end {
                    continue;
                }
                token = self.next();
            }
            if token.kind == *end {
                break;
            }
            return Err(self.unexpected(&token, context));
        }
        self.check_commands(&pipeline.commands)?;
        Ok(pipeline)
    }

    /// A value can only be piped into a function or method.
    fn check_commands(&mut self, commands: &[Command]) -> Result<(), Reported> {
        let firsts = commands.iter().skip(1).filter_map(|command| command.words.first());
        let constant =
            |kind: &Kind| matches!(kind, Kind::Bool(_) | Kind::Dot | Kind::Nil | Kind::Number(_) | Kind::Text(_));
        match firsts.into_iter().find(|word| constant(&word.kind)) {
            Some(word) => Err(self.error(Rule::Syntax, word.span, "only a function or a method can follow `|`")),
            None => Ok(()),
        }
    }

    /// `$x :=`, `$x =`, and in a range `$i, $x :=`.
    fn declarations(&mut self, pipeline: &mut Pipeline, context: &str, in_range: bool) -> Result<(), Reported> {
        loop {
            let start = self.position;
            let Token { kind: TokenKind::Variable(name), span } = self.peek().clone() else { return Ok(()) };
            self.next();
            self.spaces();
            match self.peek().kind {
                TokenKind::Assign | TokenKind::Declare => {
                    pipeline.assigns = self.next().kind == TokenKind::Assign;
                    pipeline.variables.push(Ident { name, span });
                    for variable in pipeline.variables.clone() {
                        if pipeline.assigns {
                            self.known_variable(&variable.name, variable.span)?;
                        } else {
                            self.scope.declare(variable.name);
                        }
                    }
                    return Ok(());
                }
                TokenKind::Comma if in_range && pipeline.variables.is_empty() => {
                    self.next();
                    self.spaces();
                    pipeline.variables.push(Ident { name, span });
                }
                TokenKind::Comma => {
                    return Err(self.error(Rule::Syntax, span, format!("too many variables declared in {context}")));
                }
                _ if pipeline.variables.is_empty() => {
                    self.position = start;
                    return Ok(());
                }
                _ => {
                    let token = self.next();
                    return Err(self.unexpected(&token, "a declaration: expected `:=`"));
                }
            }
        }
    }

    fn command(&mut self) -> Result<Command, Reported> {
        let mut words: Vec<Expression> = Vec::new();
        loop {
            let Some(word) = self.operand()? else { break };
            words.push(word);
            if self.peek().kind != TokenKind::Space {
                break;
            }
            self.spaces();
        }
        match (words.first(), words.last()) {
            (Some(first), Some(last)) => Ok(Command { span: first.span.to(last.span), words }),
            _ => {
                let token = self.next();
                Err(self.unexpected(&token, "a command"))
            }
        }
    }

    /// A term and the fields taken from it.
    fn operand(&mut self) -> Result<Option<Expression>, Reported> {
        let Some(mut expression) = self.term()? else { return Ok(None) };
        let mut fields = Vec::new();
        while let TokenKind::Field(name) = self.peek().kind.clone() {
            let span = self.next().span;
            fields.push(Ident { name, span });
        }
        if let Some(last) = fields.last() {
            let span = expression.span.to(last.span);
            let first = fields[0].span;
            expression.span = span;
            match &mut expression.kind {
                Kind::Field(idents) | Kind::Variable(_, idents) => idents.append(&mut fields),
                Kind::Bool(_) | Kind::Text(_) | Kind::Number(_) | Kind::Nil | Kind::Dot => {
                    return Err(self.error(Rule::Syntax, first, "a constant has no fields"));
                }
                _ => {
                    let inner = Expression { span, kind: std::mem::replace(&mut expression.kind, Kind::Dot) };
                    expression.kind = Kind::Chain(Box::new(inner), fields);
                }
            }
        }
        Ok(Some(expression))
    }

    fn term(&mut self) -> Result<Option<Expression>, Reported> {
        let token = self.peek().clone();
        let kind = match token.kind {
            TokenKind::Word(name) => match self.functions.get(&name) {
                Some(function) => Kind::Function(function),
                None => {
                    self.next();
                    return Err(self.unknown_function(&name, token.span));
                }
            },
            TokenKind::Dot => Kind::Dot,
            TokenKind::Nil => Kind::Nil,
            TokenKind::Bool(b) => Kind::Bool(b),
            TokenKind::Quoted(text) => Kind::Text(text),
            TokenKind::Character(c) => Kind::Number(Number::from_char(c)),
            TokenKind::Number => match Number::parse(self.source.slice(token.span)) {
                Ok(number) => Kind::Number(number),
                Err(reason) => return Err(self.error(Rule::Syntax, token.span, reason)),
            },
            TokenKind::Variable(name) => {
                self.next();
                self.known_variable(&name, token.span)?;
                return Ok(Some(Expression { span: token.span, kind: Kind::Variable(name, Vec::new()) }));
            }
            TokenKind::Field(name) => Kind::Field(vec![Ident { name, span: token.span }]),
            TokenKind::LeftParen => {
                self.next();
                self.parentheses += 1;
                let inner = if self.parentheses > MAX_NESTING {
                    Err(self.too_deep(token.span))
                } else {
                    self.pipeline("parenthesized pipeline", &TokenKind::RightParen, false)
                };
                self.parentheses -= 1;
                let inner = inner?;
                let end = self.tokens.get(self.position.saturating_sub(1)).map_or(token.span, |t| t.span);
                return Ok(Some(Expression { span: token.span.to(end), kind: Kind::Pipeline(Box::new(inner)) }));
            }
            TokenKind::Broken => return Err(Reported),
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(Expression { span: token.span, kind }))
    }

    fn known_variable(&mut self, name: &Arc<str>, span: Span) -> Result<(), Reported> {
        if self.scope.knows(name) {
            return Ok(());
        }
        let mut finding = self.source.error(Rule::UnknownVariable, span, format!("undefined variable {name}"));
        let recent = self.scope.declared.iter().rev().take(1000).map(AsRef::as_ref).filter(|v| *v != "$");
        if let Some(near) = nearest(name, recent) {
            finding = finding.hint(format!("did you mean {near}?"));
        }
        self.report.push(finding);
        // One error for each variable is enough.
        self.scope.declare(name.clone());
        Err(Reported)
    }

    fn unknown_function(&mut self, name: &str, span: Span) -> Reported {
        let mut finding =
            self.source.error(Rule::UnknownFunction, span, format!("function {} is not defined", Quoted(name)));
        finding = match nearest(name, self.functions.names()) {
            Some(near) => {
                finding.hint(format!("did you mean {near:?}? A key of the values begins with a dot: .{name}"))
            }
            None if name.len() > MAX_HINT => finding,
            None => finding.hint(format!("a key of the values begins with a dot: .{name}")),
        };
        self.report.push(finding);
        Reported
    }

    /// Expects the end of an action.
    fn close(&mut self, context: &str) -> Result<(), Reported> {
        self.spaces();
        let token = self.next();
        if token.kind == TokenKind::Close {
            return Ok(());
        }
        let reported = self.unexpected(&token, context);
        self.skip_action();
        Err(reported)
    }

    fn enter(&mut self, opener: Span) -> Result<(), Reported> {
        self.blocks += 1;
        if self.blocks <= MAX_NESTING {
            return Ok(());
        }
        let reported = self.too_deep(opener);
        // The rest of the text is not parsed: it could nest without end.
        self.position = self.tokens.len() - 1;
        Err(reported)
    }

    /// Whether there are so many errors that the rest of the text is not parsed.
    fn gives_up(&self) -> bool {
        self.report.findings.len() >= MAX_FINDINGS
    }

    fn too_deep(&mut self, span: Span) -> Reported {
        self.error(Rule::TooDeep, span, format!("nested more than {MAX_NESTING} levels deep"))
    }

    fn never_closed(&mut self, keyword: Keyword, opener: Span) -> Reported {
        let name = keyword.name();
        if self.gives_up() || self.report.findings.iter().any(|f| matches!(f.rule, Rule::TooDeep | Rule::TooLarge)) {
            return Reported;
        }
        let finding = self
            .source
            .error(Rule::UnclosedBlock, opener, format!("`{{{{ {name} }}}}` is never closed"))
            .hint("add `{{ end }}` at the end of the block");
        self.report.push(finding);
        Reported
    }

    fn unexpected(&mut self, token: &Token, context: &str) -> Reported {
        let text = match &token.kind {
            TokenKind::Broken => return Reported,
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::Close => "`}}`".to_owned(),
            TokenKind::Open => "`{{`".to_owned(),
            TokenKind::Other('}') => {
                let finding = self.source.error(Rule::Syntax, token.span, "a single `}` in an action");
                self.report.push(finding.hint("an action ends with `}}`"));
                return Reported;
            }
            _ => Quoted(self.source.slice(token.span)).to_string(),
        };
        self.error(Rule::Syntax, token.span, format!("unexpected {text} in {context}"))
    }

    fn error(&mut self, code: Rule, span: Span, message: impl Into<String>) -> Reported {
        let finding: Finding = self.source.error(code, span, message);
        if !self.report.findings.contains(&finding) {
            self.report.push(finding);
        }
        Reported
    }

    /// Skips the rest of the action that the last token belongs to.
    fn skip_action(&mut self) {
        if self.position > 0 && self.tokens[self.position - 1].kind == TokenKind::Close {
            return;
        }
        while !matches!(self.peek().kind, TokenKind::Close | TokenKind::End) {
            self.next();
        }
        if self.peek().kind == TokenKind::Close {
            self.next();
        }
    }

    fn spaces(&mut self) {
        while self.peek().kind == TokenKind::Space {
            self.position += 1;
        }
    }

    fn peek(&self) -> &Token {
        // The last token is the end, which is never consumed.
        &self.tokens[self.position.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.position = (self.position + 1).min(self.tokens.len() - 1);
        token
    }
}

/// Whether a template prints only white space. As in Go, it does not replace one of its name.
pub(super) fn is_blank(source: &Source, body: &[Node]) -> bool {
    body.iter().all(|node| matches!(node, Node::Text(span) if source.slice(*span).trim().is_empty()))
}
