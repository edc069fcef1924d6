//! Splits the text into tokens. After an error, which is reported, it goes on behind the next `}}`.

use std::sync::Arc;

use super::budget::{MAX_FINDINGS, MAX_TOKENS};
use super::source::{Quoted, Source, Span};
use kopsform_diagnostics::{Finding, Report, Rule};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// Literal text, after trimming; never empty.
    Text,
    /// `{{`.
    Open,
    /// `}}`.
    Close,
    /// White space within an action, which separates arguments.
    Space,
    Word(Arc<str>),
    Keyword(Keyword),
    /// `.name`; the name without the dot.
    Field(Arc<str>),
    /// `$name`; the name with the `$`.
    Variable(Arc<str>),
    Dot,
    Nil,
    Bool(bool),
    Number,
    Character(char),
    Quoted(Arc<str>),
    Assign,
    Declare,
    Pipe,
    LeftParen,
    RightParen,
    Comma,
    /// Any other character, which is an error in an action.
    Other(char),
    /// An error that is reported already.
    Broken,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

impl Keyword {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "block" => Self::Block,
            "break" => Self::Break,
            "continue" => Self::Continue,
            "define" => Self::Define,
            "else" => Self::Else,
            "end" => Self::End,
            "if" => Self::If,
            "range" => Self::Range,
            "template" => Self::Template,
            "with" => Self::With,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Break => "break",
            Self::Continue => "continue",
            Self::Define => "define",
            Self::Else => "else",
            Self::End => "end",
            Self::If => "if",
            Self::Range => "range",
            Self::Template => "template",
            Self::With => "with",
        }
    }
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// Splits a template into tokens; the last one is [`TokenKind::End`]. Errors go to the report.
pub(super) fn tokens(source: &Source, report: &mut Report) -> Vec<Token> {
    let mut lexer = Lexer { source, text: &source.text, position: 0, tokens: Vec::new(), report };
    lexer.run();
    lexer.tokens
}

struct Lexer<'s> {
    source: &'s Source,
    text: &'s str,
    position: usize,
    tokens: Vec<Token>,
    report: &'s mut Report,
}

impl<'s> Lexer<'s> {
    fn run(&mut self) {
        let mut trim = false;
        while self.position < self.text.len() && self.report.findings.len() < MAX_FINDINGS {
            if self.tokens.len() > MAX_TOKENS {
                let span = Span::new(self.position, self.position);
                let message = format!("the template has more than {MAX_TOKENS} tokens");
                self.report.push(self.source.error(Rule::TooLarge, span, message));
                break;
            }
            let start = self.position;
            let open = self.rest().find(OPEN).map(|i| start + i);
            self.position = open.unwrap_or(self.text.len());
            let trims_left = open.is_some_and(|at| is_left_trim(&self.text[at + OPEN.len()..]));
            self.push_text(start, trim, trims_left);
            trim = match open {
                Some(open) => self.action(open, trims_left),
                None => false,
            };
        }
        self.push(TokenKind::End, self.text.len());
    }

    fn push_text(&mut self, start: usize, trim_start: bool, trim_end: bool) {
        let mut text = &self.text[start..self.position];
        let mut from = start;
        if trim_start {
            let trimmed = text.trim_start_matches(is_space);
            from += text.len() - trimmed.len();
            text = trimmed;
        }
        if trim_end {
            text = text.trim_end_matches(is_space);
        }
        if !text.is_empty() {
            let span = Span::new(from, from + text.len());
            self.tokens.push(Token { kind: TokenKind::Text, span });
        }
    }

    /// Reads an action or a comment; returns whether the text after it is trimmed.
    fn action(&mut self, open: usize, trims_left: bool) -> bool {
        self.position = open + OPEN.len() + if trims_left { 2 } else { 0 };
        if self.rest().starts_with("/*") {
            return self.comment(open);
        }
        self.push(TokenKind::Open, open);
        let mut depth = 0usize;
        loop {
            if self.tokens.len() > MAX_TOKENS {
                return false;
            }
            let start = self.position;
            if let Some(trims) = self.at_close() {
                if depth > 0 {
                    self.broken(Span::new(start, start + 1), "unclosed left parenthesis".to_owned());
                }
                self.position += if trims { 2 } else { 0 };
                let start = self.position;
                self.position += CLOSE.len();
                self.push(TokenKind::Close, start);
                return trims;
            }
            let c = match self.next() {
                Some(c) if !self.text[start..].starts_with(OPEN) => c,
                _ => {
                    self.position = start;
                    let finding = self
                        .source
                        .error(Rule::UnclosedAction, Span::new(open, start), "this action is never closed")
                        .hint("add `}}` at its end");
                    self.report.push(finding);
                    self.push(TokenKind::Broken, start);
                    self.push(TokenKind::Close, start);
                    return false;
                }
            };
            match self.token(c, start, &mut depth) {
                Ok(kind) => self.push(kind, start),
                Err(message) => {
                    let end = self.position.max(start + c.len_utf8());
                    self.broken(Span::new(start, end), message);
                    return self.recover();
                }
            }
        }
    }

    fn comment(&mut self, open: usize) -> bool {
        let Some(end) = self.rest().find("*/") else {
            let span = Span::new(open, self.text.len());
            self.report.push(self.source.error(Rule::UnclosedComment, span, "this comment is never closed"));
            self.position = self.text.len();
            return false;
        };
        self.position += end + 2;
        match self.at_close() {
            Some(trims) => {
                self.position += CLOSE.len() + if trims { 2 } else { 0 };
                trims
            }
            None => {
                let span = Span::new(self.position, self.position);
                let finding = self
                    .source
                    .error(Rule::BadComment, span, "a comment must fill its action")
                    .hint("write `{{/* … */}}`, or `{{- /* … */ -}}` to trim the white space around");
                self.report.push(finding);
                self.recover()
            }
        }
    }

    /// After an error: goes on behind the next `}}`.
    fn recover(&mut self) -> bool {
        let start = match self.rest().find(CLOSE) {
            Some(i) => self.position + i,
            None => self.text.len(),
        };
        self.position = start;
        if self.tokens.last().is_some_and(|t| t.kind == TokenKind::Broken) {
            self.push(TokenKind::Close, start);
        }
        self.position = (start + CLOSE.len()).min(self.text.len());
        self.text[..start].ends_with('-')
    }

    fn broken(&mut self, span: Span, message: String) {
        let finding: Finding = self.source.error(Rule::Syntax, span, message);
        self.report.push(finding);
        self.tokens.push(Token { kind: TokenKind::Broken, span });
    }

    fn token(&mut self, c: char, start: usize, depth: &mut usize) -> Result<TokenKind, String> {
        Ok(match c {
            c if is_space(c) => {
                while self.peek().is_some_and(is_space) && self.at_close().is_none() {
                    self.next();
                }
                TokenKind::Space
            }
            '=' => TokenKind::Assign,
            ':' => match self.next() {
                Some('=') => TokenKind::Declare,
                _ => return Err("expected `:=`".to_owned()),
            },
            '|' => TokenKind::Pipe,
            ',' => TokenKind::Comma,
            '"' => self.quoted(start)?,
            '`' => match self.rest().find('`') {
                Some(end) => {
                    let text = Arc::from(self.rest()[..end].replace('\r', ""));
                    self.position += end + 1;
                    TokenKind::Quoted(text)
                }
                None => return Err("unterminated raw quoted string".to_owned()),
            },
            '\'' => self.character(start)?,
            '$' => {
                let name = self.name();
                self.must_end_word()?;
                TokenKind::Variable(Arc::from(format!("${name}")))
            }
            '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => {
                let name: Arc<str> = Arc::from(self.name());
                self.must_end_word()?;
                if name.is_empty() { TokenKind::Dot } else { TokenKind::Field(name) }
            }
            '.' | '+' | '-' | '0'..='9' => {
                self.position = start;
                self.number(start)?
            }
            '(' => {
                *depth += 1;
                TokenKind::LeftParen
            }
            ')' => {
                *depth = depth.checked_sub(1).ok_or("unexpected right parenthesis")?;
                TokenKind::RightParen
            }
            c if is_word(c) => {
                self.position = start;
                let word = self.name();
                self.must_end_word()?;
                match word {
                    "true" => TokenKind::Bool(true),
                    "false" => TokenKind::Bool(false),
                    "nil" => TokenKind::Nil,
                    _ => Keyword::of(word).map_or_else(|| TokenKind::Word(Arc::from(word)), TokenKind::Keyword),
                }
            }
            c if c.is_ascii_graphic() => TokenKind::Other(c),
            c => return Err(format!("unexpected character {c:?} in an action")),
        })
    }

    fn name(&mut self) -> &'s str {
        let rest = self.rest();
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        self.position += end;
        &rest[..end]
    }

    /// A name or constant must be followed by a character that can't be part of it.
    fn must_end_word(&self) -> Result<(), String> {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => Ok(()),
            Some(c) if is_space(c) || self.rest().starts_with(CLOSE) => Ok(()),
            Some('-') => Err("a name can't contain `-`: write `index . \"a-b\"` for such a key".to_owned()),
            Some(c) => Err(format!("bad character {c:?} after a name")),
        }
    }

    fn number(&mut self, start: usize) -> Result<TokenKind, String> {
        if matches!(self.peek(), Some('+' | '-')) {
            self.next();
        }
        let hexadecimal = self.rest().starts_with("0x") || self.rest().starts_with("0X");
        let mut before = ' ';
        while let Some(c) = self.peek() {
            let sign_of_exponent = matches!(c, '+' | '-')
                && if hexadecimal { matches!(before, 'p' | 'P') } else { matches!(before, 'e' | 'E') };
            if !(is_word(c) || c == '.' || sign_of_exponent) {
                break;
            }
            before = c;
            self.next();
        }
        let text = &self.text[start..self.position];
        match super::number::Number::parse(text) {
            Ok(_) => Ok(TokenKind::Number),
            Err(reason) => Err(format!("{reason}: {}", Quoted(text))),
        }
    }

    fn quoted(&mut self, start: usize) -> Result<TokenKind, String> {
        let end = loop {
            match self.next() {
                Some('"') => break self.position - 1,
                Some('\\') if !matches!(self.next(), None | Some('\n')) => {}
                Some(c) if c != '\n' && c != '\\' => {}
                _ => {
                    // The end of the action is searched in the rest of the line.
                    self.position = start + 1;
                    return Err("unterminated quoted string".to_owned());
                }
            }
        };
        unescape(&self.text[start + 1..end], '"')
            .map(|text| TokenKind::Quoted(Arc::from(text)))
            .ok_or_else(|| "invalid escape in a quoted string".to_owned())
    }

    fn character(&mut self, start: usize) -> Result<TokenKind, String> {
        let end = loop {
            match self.next() {
                Some('\'') => break self.position - 1,
                Some('\\') if !matches!(self.next(), None | Some('\n')) => {}
                Some(c) if c != '\n' && c != '\\' => {}
                _ => {
                    self.position = start + 1;
                    return Err("unterminated character constant".to_owned());
                }
            }
        };
        let text = unescape(&self.text[start + 1..end], '\'').unwrap_or_default();
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(c), None) => Ok(TokenKind::Character(c)),
            _ => Err("a character constant has one character; strings are in double quotes".to_owned()),
        }
    }

    /// Whether the action ends here: `Some(true)` with a trim marker.
    fn at_close(&self) -> Option<bool> {
        let rest = self.rest();
        if is_right_trim(rest) {
            return Some(true);
        }
        rest.starts_with(CLOSE).then_some(false)
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, span: Span::new(start, self.position.max(start)) });
    }

    fn rest(&self) -> &'s str {
        &self.text[self.position..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.position += c.len_utf8();
        Some(c)
    }
}

/// Resolves the escapes of a Go string or character constant. Bytes that are not UTF-8 become U+FFFD.
fn unescape(text: &str, quote: char) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            push_char(&mut bytes, u32::from(c))?;
            continue;
        }
        match rest.next()? {
            'a' => bytes.push(7),
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'v' => bytes.push(11),
            '\\' => bytes.push(b'\\'),
            'x' => bytes.push(u8::try_from(digits(&mut rest, 0, 2, 16)?).ok()?),
            'u' => push_char(&mut bytes, digits(&mut rest, 0, 4, 16)?)?,
            'U' => push_char(&mut bytes, digits(&mut rest, 0, 8, 16)?)?,
            c if c == quote => push_char(&mut bytes, u32::from(quote))?,
            c => bytes.push(u8::try_from(digits(&mut rest, c.to_digit(8)?, 2, 8)?).ok()?),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn digits(rest: &mut std::str::Chars<'_>, first: u32, count: usize, radix: u32) -> Option<u32> {
    let mut value = first;
    for _ in 0..count {
        value = value.checked_mul(radix)?.checked_add(rest.next()?.to_digit(radix)?)?;
    }
    Some(value)
}

fn push_char(bytes: &mut Vec<u8>, code: u32) -> Option<()> {
    let mut buffer = [0; 4];
    bytes.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut buffer).as_bytes());
    Some(())
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}

fn is_left_trim(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(is_space))
}

fn is_right_trim(rest: &str) -> bool {
    let mut rest = rest.chars();
    rest.next().is_some_and(is_space) && rest.as_str().starts_with("-}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> (Vec<TokenKind>, usize) {
        let mut report = Report::default();
        let tokens = tokens(&Source::new("t", text), &mut report);
        (tokens.into_iter().map(|t| t.kind).collect(), report.findings.len())
    }

    #[test]
    fn trim_markers_need_their_space() {
        let mut report = Report::default();
        let source = Source::new("t", "a \n{{- 1 -}}\n b {{-2}} c");
        let strings: Vec<_> = tokens(&source, &mut report)
            .into_iter()
            .filter(|t| t.kind == TokenKind::Text)
            .map(|t| source.slice(t.span).to_owned())
            .collect();
        assert_eq!(strings, ["a", "b ", " c"]);
        assert!(report.is_empty());
        let (kinds, errors) = kinds("{{-2}}");
        assert_eq!((kinds, errors), (vec![TokenKind::Open, TokenKind::Number, TokenKind::Close, TokenKind::End], 0));
    }

    #[test]
    fn comments_vanish() {
        assert_eq!(kinds("{{/* a }} b */}}").0, [TokenKind::End]);
        assert_eq!(kinds("x {{- /* a */ -}} y").0, [TokenKind::Text, TokenKind::Text, TokenKind::End]);
        assert_eq!(kinds("{{/* a */ 1}}").1, 1);
        assert_eq!(kinds("{{/* a").1, 1);
    }

    #[test]
    fn escapes_are_gos() {
        assert_eq!(unescape(r#"a\n\x41\u00e9\101\""#, '"').as_deref(), Some("a\nAé\u{41}\""));
        assert_eq!(unescape(r"\'", '"'), None);
        assert_eq!(unescape(r"\777", '"'), None);
    }

    #[test]
    fn after_an_error_the_rest_is_read() {
        let (kinds, errors) = kinds("{{ \"a }} {{ % {{ é; }} {{ .a }}");
        assert_eq!(errors, 3);
        assert!(kinds.contains(&TokenKind::Field(Arc::from("a"))));
    }
}
