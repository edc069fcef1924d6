//! Strings and templates as sequences of characters and interpolations, to find what several of them share.

use hcl::expr::{Expression, TemplateExpr};

use crate::format::{escape, expression};

/// A part of a template, as it is written between double quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A character, or the escape sequence of one.
    Char(String),
    /// `${…}`.
    Interpolation(String),
}

impl Token {
    /// How it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Char(source) | Self::Interpolation(source) => source,
        }
    }

    /// Whether it would make an escape sequence of an interpolation after it: `$${`.
    fn escapes_next(&self) -> bool {
        matches!(self, Self::Char(source) if source == "$" || source == "%")
    }

    /// Whether a name may end before or after it.
    fn is_boundary(&self) -> bool {
        match self {
            Self::Interpolation(_) => true,
            Self::Char(source) => source.chars().all(|c| !c.is_alphanumeric()),
        }
    }
}

/// The tokens of an expression that makes a string: a string, a template or a reference. `None` for others.
pub fn tokens(value: &Expression) -> Option<Vec<Token>> {
    match value {
        Expression::String(text) => Some(scan(&escape(text))),
        Expression::TemplateExpr(template) => match template.as_ref() {
            TemplateExpr::QuotedString(source) => Some(scan(source)),
            TemplateExpr::Heredoc(_) => None,
        },
        Expression::Traversal(_) => Some(vec![Token::Interpolation(format!("${{{}}}", expression(value)))]),
        _ => None,
    }
}

/// The tokens of the source of a template.
fn scan(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '$' | '%' if rest[1..].starts_with(first) && rest[2..].starts_with('{') => 3,
            '$' | '%' if rest[1..].starts_with('{') => interpolation_length(rest),
            '\\' if rest[1..].starts_with('u') => rest.char_indices().nth(6).map_or(rest.len(), |(end, _)| end),
            '\\' => rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        let is_char = length <= 3 && token.starts_with("$$") || !token.starts_with("${") && !token.starts_with("%{");
        tokens.push(if is_char { Token::Char(token.to_owned()) } else { Token::Interpolation(token.to_owned()) });
        rest = after;
    }
    tokens
}

/// The length of the `${…}` at the start of a source, with braces and strings inside of it.
fn interpolation_length(source: &str) -> usize {
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    for (at, c) in source.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_string => is_escaped = true,
            '"' => in_string = !in_string,
            '{' if !in_string => depth += 1,
            '}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    source.len()
}

/// The expression that tokens make: a string, a reference, or a template.
pub fn from_tokens(tokens: &[Token]) -> Expression {
    let source: String = tokens.iter().map(Token::as_str).collect();
    if let [Token::Interpolation(inner)] = tokens {
        let inner = inner.strip_prefix("${").and_then(|inner| inner.strip_suffix('}'));
        if let Some(expression) = inner.and_then(|inner| inner.parse().ok()) {
            return expression;
        }
    }
    let is_template = tokens.iter().any(|token| matches!(token, Token::Interpolation(_)));
    let parsed = (!is_template).then(|| format!("\"{source}\"").parse().ok()).flatten();
    parsed.unwrap_or_else(|| TemplateExpr::QuotedString(source).into())
}

/// Tokens with an interpolation for each occurrence of some text that is not part of a longer word; `None` where there is none.
pub fn replaced(tokens: &[Token], text: &str, interpolation: &Token) -> Option<Vec<Token>> {
    let wanted = scan(&escape(text));
    if wanted.is_empty() {
        return None;
    }
    let ends = |at: Option<usize>| at.and_then(|at| tokens.get(at)).is_none_or(Token::is_boundary);
    let mut result = Vec::new();
    let (mut at, mut found) = (0, false);
    while at < tokens.len() {
        let end = at + wanted.len();
        if tokens[at..].starts_with(&wanted)
            && ends(at.checked_sub(1))
            && ends(Some(end))
            && !result.last().is_some_and(Token::escapes_next)
        {
            result.push(interpolation.clone());
            (at, found) = (end, true);
        } else {
            result.push(tokens[at].clone());
            at += 1;
        }
    }
    found.then_some(result)
}

/// The number of tokens at the start and at the end that are the same in all rows, up to a separator, with something
/// between them in each row.
pub fn common_ends(rows: &[Vec<Token>]) -> (usize, usize) {
    let Some((first, others)) = rows.split_first() else { return (0, 0) };
    let shared = |at: &dyn Fn(&[Token], usize) -> Option<Token>| {
        (0..first.len()).take_while(|&i| others.iter().all(|row| at(row, i) == at(first, i))).count()
    };
    let mut prefix = shared(&|row, i| row.get(i).cloned());
    let mut suffix = shared(&|row, i| row.len().checked_sub(i + 1).and_then(|at| row.get(at)).cloned());
    let shortest = rows.iter().map(Vec::len).min().unwrap_or_default();
    prefix = prefix.min(shortest.saturating_sub(1));
    while prefix > 0 && (!first[prefix - 1].is_boundary() || first[prefix - 1].escapes_next()) {
        prefix -= 1;
    }
    suffix = suffix.min(shortest.saturating_sub(prefix + 1));
    while suffix > 0 && !first[first.len() - suffix].is_boundary() {
        suffix -= 1;
    }
    (prefix, suffix)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn template(source: &str) -> Expression {
        TemplateExpr::QuotedString(source.to_owned()).into()
    }

    #[test]
    fn interpolations_are_one_token() {
        let source = r#"a${replace(var.x, ".", "}")}/$${b} %%{c}\"\u00e9"#;
        let tokens = scan(source);
        assert_eq!(tokens.iter().map(Token::as_str).collect::<String>(), source);
        let interpolations: Vec<_> = tokens.iter().filter(|token| matches!(token, Token::Interpolation(_))).collect();
        assert_eq!(interpolations, [&Token::Interpolation(r#"${replace(var.x, ".", "}")}"#.to_owned())]);
    }

    #[test]
    fn words_are_replaced_as_a_whole() {
        let key = Token::Interpolation("${each.key}".to_owned());
        let replace =
            |source: &str| replaced(&scan(source), "a.b", &key).map(|tokens| expression(&from_tokens(&tokens)));
        assert_eq!(replace("x/a.b-a.b").unwrap(), r#""x/${each.key}-${each.key}""#);
        assert_eq!(replace("a.b").unwrap(), "each.key");
        assert_eq!(replace("xa.b/a.bc"), None);
    }

    #[test]
    fn what_is_shared_ends_with_a_word() {
        let rows = ["${x}/us-east-1a.yaml", "${x}/us-east-1b.yaml"].map(|row| tokens(&template(row)).unwrap());
        assert_eq!(common_ends(&rows), (2 + "us-east-".len(), ".yaml".len()));
        let rows = ["${x}/a", "${x}"].map(|row| tokens(&template(row)).unwrap());
        assert_eq!(common_ends(&rows), (0, 0));
    }

    proptest! {
        #[test]
        fn strings_stay_what_they_are(text in r#"[$%{}\\"a-c/. \n]{0,24}"#) {
            let string = Expression::String(text);
            prop_assert_eq!(from_tokens(&tokens(&string).unwrap()), string);
        }
    }
}
