//! PEM blocks: base64 between a BEGIN and an END line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// A block: its label (`CERTIFICATE`) and content. The content may be private, so it is wiped when dropped.
pub(super) struct Block {
    pub label: String,
    pub content: Zeroizing<Vec<u8>>,
}

/// All well-formed blocks of a text, in order; anything between them is skipped.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<(String, Zeroizing<String>)> = None;
    for line in text.lines().map(str::trim) {
        if let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|l| l.strip_suffix("-----")) {
            open = Some((label.to_owned(), Zeroizing::new(String::new())));
        } else if let Some(label) = line.strip_prefix("-----END ").and_then(|l| l.strip_suffix("-----")) {
            if let Some((_, body)) = open.take().filter(|(begun, _)| begun == label)
                && let Ok(content) = STANDARD.decode(body.as_bytes())
            {
                found.push(Block { label: label.to_owned(), content: Zeroizing::new(content) });
            }
        } else if let Some((_, body)) = &mut open
            // Headers such as `Proc-Type: 4,ENCRYPTED` are no part of the content.
            && !line.contains(':')
        {
            body.push_str(line);
        }
    }
    found
}

/// The text of a block, with lines of 64 characters.
pub(super) fn encode(label: &str, content: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(content));
    // The size is known, so that no copy of private material is left behind by growing.
    let mut text = Zeroizing::new(String::with_capacity(body.len() + body.len() / 64 + 2 * label.len() + 40));
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_reads_back() {
        let content: Vec<u8> = (0..=200).collect();
        let text = encode("CERTIFICATE", &content);
        assert!(text.lines().all(|line| line.len() <= 64));
        let found = blocks(&format!("bag attributes\n{}trailer\n", text.as_str().replace('\n', "\r\n")));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].label, "CERTIFICATE");
        assert_eq!(found[0].content[..], content[..]);
    }

    #[test]
    fn broken_blocks_are_none() {
        for text in [
            "",
            "-----BEGIN X-----\nAAAA\n",
            "-----BEGIN X-----\nAAAA\n-----END Y-----\n",
            "-----BEGIN X-----\n?\n-----END X-----",
        ] {
            assert!(blocks(text).is_empty(), "{text:?}");
        }
    }
}
