//! Files without a structure: a difference for each group of lines that differ.

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::path::{Path, Segment};
use crate::secrecy;
use crate::tree::Difference;

/// Lines up to which the smallest difference is looked for, which takes quadratic time at worst.
const MAX_LINES: usize = 2_000;

/// The lines that count, with their numbers from 1: without white space at their end, and without blank lines around.
fn lines<'t>(text: &'t str, skip: &dyn Fn(&str) -> bool) -> Vec<(usize, &'t str)> {
    let mut lines: Vec<(usize, &str)> =
        text.lines().enumerate().map(|(i, line)| (i + 1, line.trim_end())).filter(|(_, line)| !skip(line)).collect();
    while lines.last().is_some_and(|(_, line)| line.is_empty()) {
        lines.pop();
    }
    let blank = lines.iter().take_while(|(_, line)| line.is_empty()).count();
    lines.drain(..blank);
    lines
}

/// The groups of lines that differ. Paths are the line in the old text: `[12]`, from 1.
pub(crate) fn diff(old: &str, new: &str) -> Vec<Difference> {
    diff_without(old, new, &|_| false)
}

/// The same, of the lines that `skip` does not leave out.
pub(crate) fn diff_without(old: &str, new: &str, skip: &dyn Fn(&str) -> bool) -> Vec<Difference> {
    let ((old_shown, old_keys), (new_shown, new_keys)) = (secrecy::without_keys(old), secrecy::without_keys(new));
    let (a, b) = (lines(&old_shown, skip), lines(&new_shown, skip));
    let mut found = hunks(&a, &b);
    let same_keys = old_keys.len() == new_keys.len()
        && old_keys.iter().zip(&new_keys).all(|(a, b)| a.split_whitespace().eq(b.split_whitespace()));
    if !same_keys && found.is_empty() {
        found.push(Difference {
            path: Path::default(),
            old: Some(Value::from(secrecy::PRIVATE_KEY)),
            new: Some(Value::from("(another private key)")),
            reordered: false,
        });
    }
    found
}

fn hunks(a: &[(usize, &str)], b: &[(usize, &str)]) -> Vec<Difference> {
    let x: Vec<&str> = a.iter().map(|(_, line)| *line).collect();
    let y: Vec<&str> = b.iter().map(|(_, line)| *line).collect();
    let start = x.iter().zip(&y).take_while(|(x, y)| x == y).count();
    let end = x[start..].iter().rev().zip(y[start..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (x, y) = (&x[start..x.len() - end], &y[start..y.len() - end]);
    if x.is_empty() && y.is_empty() {
        return Vec::new();
    }
    let operations = if x.len().max(y.len()) <= MAX_LINES {
        capture_diff_slices(Algorithm::Myers, x, y)
    } else {
        vec![DiffOp::Replace { old_index: 0, old_len: x.len(), new_index: 0, new_len: y.len() }]
    };
    let mut found = Vec::new();
    for operation in operations {
        let (old, new) = match operation {
            DiffOp::Equal { .. } => continue,
            other => (other.old_range(), other.new_range()),
        };
        let joined = |lines: &[&str]| (!lines.is_empty()).then(|| Value::from(lines.join("\n")));
        // A new line is reported at the line of the old text that it precedes.
        let line = a.get(start + old.start).or(a.last()).map_or(1, |(line, _)| *line);
        found.push(Difference {
            path: Path::default().with(Segment::Index(line)),
            old: joined(&x[old]),
            new: joined(&y[new]),
            reordered: false,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_of_lines_is_one_difference() {
        let found = diff("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n");
        let found: Vec<_> = found.iter().map(|d| (d.path.to_string(), d.old.clone(), d.new.clone())).collect();
        let text = |text: &str| Some(Value::from(text));
        assert_eq!(found, [("[2]".into(), text("b"), text("B")), ("[4]".into(), None, text("e"))]);
    }

    #[test]
    fn white_space_at_the_ends_does_not_count() {
        assert!(diff("\na \nb\n\n", "a\nb").is_empty());
        assert_eq!(diff("  a\n", "a\n").len(), 1);
    }

    #[test]
    fn files_that_have_nothing_in_common_take_linear_time() {
        let text = |seed: usize| (0..60_000).map(|i| format!("{}\n", i * 7 + seed)).collect::<String>();
        assert_eq!(diff(&text(1), &text(3)).len(), 1);
    }

    #[test]
    fn another_key_is_a_difference_that_shows_neither() {
        let key = |c: &str| format!("x\n-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", c.repeat(60));
        let found = diff(&key("A"), &key("B"));
        assert_eq!(found.len(), 1);
        assert!(!format!("{found:?}").contains("AAAA"), "{found:?}");
    }
}
