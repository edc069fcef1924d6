//! From tokens to a tree. All mistakes of a text are found: after one, parsing goes on behind its action.

use std::sync::Arc;

use super::ast::{Arm, Branches, Command, Expression, Ident, Invocation, Kind, Node, Pipeline, Range};
use super::budget::MAX_FINDINGS;
use super::functions::Functions;
use super::lexer::{Keyword, Token, TokenKind, tokens};
use super::number::Number;
use super::source::{Source, Span};
use kopsform_diagnostics::{Finding, Report, Rule, nearest};

/// How deep parentheses and blocks may nest; the evaluator recurses as deep.
const MAX_NESTING: usize = 100;

/// A text's templates: its own and those it defines, in the order of the text.
pub(super) struct Parsed {
    pub main: Vec<Node>,
    pub definitions: Vec<Definition>,
}

pub(super) struct Definition {
    pub name: Arc<str>,
    pub body: Vec<Node>,
}

/// Parses a text.
///
/// # Errors
/// All its mistakes.
pub(super) fn parse(source: &Source, functions: &Functions) -> Result<Parsed, Report> {
    let mut report = Report::default();
    let tokens = tokens(source, &mut report);
    let mut parser = Parser {
        source,
        functions,
        tokens,
        position: 0,
        report,
        variables: vec![Arc::from("$")],
        definitions: Vec::new(),
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

/// A mistake that is in the report already.
struct Reported;

struct Parser<'s> {
    source: &'s Source,
    functions: &'s Functions,
    tokens: Vec<Token>,
    position: usize,
    report: Report,
    variables: Vec<Arc<str>>,
    definitions: Vec<Definition>,
    blocks: usize,
    parentheses: usize,
    ranges: usize,
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

    /// Parses nodes up to `{{ end }}`, `{{ else …` or the end of the text. `{{ else` is left for the caller to go on with.
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
                                self.error(Rule::UnexpectedElse, word.span, "`{{ else }}` outside of a block");
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
                // Tokens left over by a mistake that was reported.
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
                    self.error(Rule::OutsideRange, token.span, format!("`{{{{ {name} }}}}` outside of a range"));
                }
                self.close(name)?;
                Ok(Some(if keyword == Keyword::Break { Node::Break } else { Node::Continue }))
            }
            Keyword::End | Keyword::Else => Ok(None),
        }
    }

    fn branches(&mut self, keyword: Keyword, opener: Span) -> Result<Branches, Reported> {
        let mark = self.variables.len();
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
        self.variables.truncate(mark);
        self.blocks -= 1;
        enter.and(outcome).map(|()| branches)
    }

    fn range(&mut self, opener: Span) -> Result<Range, Reported> {
        let mark = self.variables.len();
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
        self.variables.truncate(mark);
        self.blocks -= 1;
        enter.and(outcome).map(|()| range)
    }

    /// A second `{{ else }}`: reads on to the end of the block, so that its `{{ end }}` is not taken for another's.
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

    /// The pipeline of a control action; a broken one is replaced, so that the block itself is still read.
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
                &format!("{context} clause: its name in quotes belongs here"),
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

    /// Of two templates of one name, one must be blank; then the other one counts.
    fn add_definition(&mut self, name: Arc<str>, span: Span, body: Vec<Node>) -> Result<(), Reported> {
        let blank = is_blank(self.source, &body);
        match self.definitions.iter_mut().find(|d| d.name == name) {
            None => self.definitions.push(Definition { name, body }),
            Some(_) if blank => {}
            Some(taken) if is_blank(self.source, &taken.body) => taken.body = body,
            Some(_) => {
                return Err(self.error(Rule::DuplicateTemplate, span, format!("template {name:?} is defined twice")));
            }
        }
        Ok(())
    }

    fn definition_body(&mut self, keyword: Keyword, opener: Span) -> Result<Vec<Node>, Reported> {
        let outer = std::mem::replace(&mut self.variables, vec![Arc::from("$")]);
        let ranges = std::mem::take(&mut self.ranges);
        let enter = self.enter(opener);
        let mut body = Vec::new();
        let outcome = match self.list(&mut body, false) {
            Ending::End => Ok(()),
            Ending::Text => Err(self.never_closed(keyword, opener)),
            Ending::Else(span) => self.second_else(span, keyword, opener),
        };
        self.blocks -= 1;
        self.variables = outer;
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
            let token = self.peek().clone();
            match token.kind {
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
            if self.peek().kind == TokenKind::Pipe {
                self.next();
                // A pipe with nothing behind it is allowed.
                self.spaces();
                if self.peek().kind == *end {
                    self.next();
                    break;
                }
                continue;
            }
            let token = self.next();
            if token.kind == *end {
                break;
            }
            return Err(self.unexpected(&token, context));
        }
        for command in &pipeline.commands[1..] {
            let first = command.words.first();
            if let Some(Expression {
                span,
                kind: Kind::Bool(_) | Kind::Dot | Kind::Nil | Kind::Number(_) | Kind::Text(_),
            }) = first
            {
                let message = "only a function or a method can stand after `|`";
                return Err(self.error(Rule::Syntax, *span, message));
            }
        }
        Ok(pipeline)
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
                            self.variables.push(variable.name);
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
                    return Err(self.unexpected(&token, "a declaration: `:=` belongs here"));
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
        if self.variables.contains(name) {
            return Ok(());
        }
        let mut finding = self.source.error(Rule::UnknownVariable, span, format!("undefined variable {name}"));
        if let Some(near) = nearest(name, self.variables.iter().map(AsRef::as_ref).filter(|v| *v != "$")) {
            finding = finding.hint(format!("did you mean {near}?"));
        }
        self.report.push(finding);
        // Known from here on: one report a variable is enough.
        self.variables.push(name.clone());
        Err(Reported)
    }

    fn unknown_function(&mut self, name: &str, span: Span) -> Reported {
        let mut finding = self.source.error(Rule::UnknownFunction, span, format!("function {name:?} is not defined"));
        finding = match nearest(name, self.functions.names()) {
            Some(near) => {
                finding.hint(format!("did you mean {near:?}? A key of the values begins with a dot: .{name}"))
            }
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
        // Deeper yet would be a recursion without bound: the rest of the text is left unread.
        self.position = self.tokens.len() - 1;
        Err(reported)
    }

    /// Whether there are so many mistakes that the rest of the text is left unread.
    fn gives_up(&self) -> bool {
        self.report.findings.len() >= MAX_FINDINGS
    }

    fn too_deep(&mut self, span: Span) -> Reported {
        self.error(Rule::TooDeep, span, format!("nested more than {MAX_NESTING} levels deep"))
    }

    fn never_closed(&mut self, keyword: Keyword, opener: Span) -> Reported {
        let name = keyword.name();
        if self.gives_up() || self.report.findings.iter().any(|f| f.rule == Rule::TooDeep) {
            return Reported;
        }
        let finding = self
            .source
            .error(Rule::UnclosedBlock, opener, format!("`{{{{ {name} }}}}` is never ended"))
            .hint("add `{{ end }}` where the block ends");
        self.report.push(finding);
        Reported
    }

    fn unexpected(&mut self, token: &Token, context: &str) -> Reported {
        let text = match &token.kind {
            TokenKind::Broken => return Reported,
            TokenKind::End => "the end of the text".to_owned(),
            TokenKind::Close => "`}}`".to_owned(),
            TokenKind::Open => "`{{`".to_owned(),
            TokenKind::Other('}') => {
                let finding = self.source.error(Rule::Syntax, token.span, "a single `}` in an action");
                self.report.push(finding.hint("an action ends with `}}`"));
                return Reported;
            }
            _ => format!("{:?}", self.source.slice(token.span)),
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

    /// Skips what is left of the action that the last token belongs to.
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
        // The last token is the end and is never passed.
        &self.tokens[self.position.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.position = (self.position + 1).min(self.tokens.len() - 1);
        token
    }
}

/// Whether a template prints nothing but white space: such a one never replaces another.
pub(super) fn is_blank(source: &Source, body: &[Node]) -> bool {
    body.iter().all(|node| matches!(node, Node::Text(span) if source.slice(*span).trim().is_empty()))
}
