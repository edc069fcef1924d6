//! Templates between double quotes as parts, as the parser returns them.

/// A part of the source of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'s> {
    /// Characters, in which only `${` and `%{` are escaped, by doubling.
    Literal(&'s str),
    /// The source of an expression in `${…}`.
    Expression(&'s str),
}

/// The parts of a source. Directives, `%{…}`, are literals.
pub fn parts(source: &str) -> Vec<Part<'_>> {
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("$${") || rest.starts_with("%%{") {
            at += 3;
        } else if let Some(inner) = rest.strip_prefix("${") {
            let Some(length) = end(inner) else { break };
            if start < at {
                parts.push(Part::Literal(&source[start..at]));
            }
            parts.push(Part::Expression(&inner[..length]));
            at += 2 + length + 1;
            start = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    if start < source.len() {
        parts.push(Part::Literal(&source[start..]));
    }
    parts
}

/// The position of the brace that closes an interpolation: braces and strings within it are part of it.
fn end(inner: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    for (at, c) in inner.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_string => is_escaped = true,
            '"' => in_string = !in_string,
            '{' if !in_string => depth += 1,
            '}' if !in_string && depth == 0 => return Some(at),
            '}' if !in_string => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolations_end_at_their_own_brace() {
        use Part::{Expression, Literal};
        assert_eq!(parts("a-${x}-b"), [Literal("a-"), Expression("x"), Literal("-b")]);
        assert_eq!(parts("${f({a = \"}\"})}"), [Expression("f({a = \"}\"})")]);
        assert_eq!(parts("$${x}"), [Literal("$${x}")]);
        assert_eq!(parts("\\${y}"), [Literal("\\"), Expression("y")]);
        assert_eq!(parts("é${"), [Literal("é${")]);
        assert!(parts("").is_empty());
    }
}
