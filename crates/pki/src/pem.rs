//! PEM blocks: base64 between a BEGIN and an END line.

use pem::{EncodeConfig, LineEnding, Pem};
use zeroize::Zeroizing;

/// A block: its label (`CERTIFICATE`) and content. The content may be private, so it is wiped when dropped.
pub(super) struct Block {
    pub label: String,
    pub content: Zeroizing<Vec<u8>>,
}

/// All well-formed blocks, in order; anything between them, and blocks that are malformed, are skipped, as Go's reader does.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let begins: Vec<usize> = text.match_indices("-----BEGIN ").map(|(at, _)| at).collect();
    let ends = begins.iter().skip(1).copied().chain([text.len()]);
    begins.iter().zip(ends).filter_map(|(begin, end)| block(text.get(*begin..end)?)).collect()
}

/// The block at the beginning of a string.
fn block(text: &str) -> Option<Block> {
    let mut lines = Zeroizing::new(String::with_capacity(text.len() + 1));
    // Go takes blank lines, spaces around lines and headers such as `Proc-Type: 4,ENCRYPTED` without a blank line after them.
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains(':')) {
        lines.push_str(line);
        lines.push('\n');
    }
    let parsed = pem::parse(lines.as_bytes()).ok()?;
    Some(Block { label: parsed.tag().to_owned(), content: Zeroizing::new(parsed.into_contents()) })
}

/// A block as PEM, with lines of 64 characters.
pub(super) fn encode(label: &str, content: &[u8]) -> Zeroizing<String> {
    let block = Pem::new(label, content);
    let text = pem::encode_config(&block, EncodeConfig::new().set_line_ending(LineEnding::LF));
    drop(Zeroizing::new(block.into_contents()));
    Zeroizing::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_reads_back() {
        let content: Vec<u8> = (0..=200).collect();
        let text = encode("CERTIFICATE", &content);
        assert!(text.starts_with("-----BEGIN CERTIFICATE-----\nAAECAwQF"));
        assert!(text.ends_with("\n-----END CERTIFICATE-----\n"));
        assert!(text.lines().all(|line| line.len() <= 64));
        let found = blocks(&format!("bag attributes\n{}trailer\n", text.as_str().replace('\n', "\r\n")));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].label, "CERTIFICATE");
        assert_eq!(found[0].content[..], content[..]);
    }

    #[test]
    fn a_malformed_block_does_not_hide_the_next() {
        let good = encode("CERTIFICATE", b"good");
        for bad in ["-----BEGIN X-----\nAAAA\n", "-----BEGIN X-----\n?\n-----END X-----\n"] {
            let found = blocks(&format!("{bad}{}", good.as_str()));
            assert_eq!(found.iter().map(|block| &block.content[..]).collect::<Vec<_>>(), [b"good"], "{bad:?}");
        }
    }

    #[test]
    fn headers_blank_lines_and_spaces_are_not_content() {
        let spaced = "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n  AAAA  \n\n  BBBB\n-----END X-----";
        let plain = "-----BEGIN X-----\nAAAABBBB\n-----END X-----\n";
        let content = |text| blocks(text).into_iter().map(|block| block.content.to_vec()).collect::<Vec<_>>();
        assert_eq!(content(spaced), content(plain));
        assert_eq!(content(plain).len(), 1);
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
