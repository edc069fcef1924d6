//! The scrypt key derivation (RFC 7914), for `derivePassword`.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{PBKDF2_HMAC_SHA256, derive};

/// Derives a key of so many bytes. `cost` is a power of two.
pub(super) fn scrypt(
    password: &[u8],
    salt: &[u8],
    cost: usize,
    block: usize,
    parallel: usize,
    length: usize,
) -> Vec<u8> {
    let width = block * 128;
    let mut mixed = vec![0; width * parallel];
    derive(PBKDF2_HMAC_SHA256, NonZeroU32::MIN, salt, password, &mut mixed);
    for chunk in mixed.chunks_mut(width) {
        let mut words: Vec<u32> =
            chunk.chunks(4).map(|b| b.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))).collect();
        mix(&mut words, cost);
        for (bytes, word) in chunk.chunks_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
    }
    let mut key = vec![0; length];
    derive(PBKDF2_HMAC_SHA256, NonZeroU32::MIN, &mixed, password, &mut key);
    key
}

/// Fills a table with what the block goes through, then mixes in entries that the block itself picks.
fn mix(words: &mut [u32], cost: usize) {
    let width = words.len();
    let mut table = Vec::with_capacity(width * cost);
    let mut next = vec![0; width];
    for _ in 0..cost {
        table.extend_from_slice(words);
        mix_block(words, &mut next);
    }
    for _ in 0..cost {
        let pick = words[width - 16] as usize % cost;
        for (word, other) in words.iter_mut().zip(&table[pick * width..]) {
            *word ^= other;
        }
        mix_block(words, &mut next);
    }
}

fn mix_block(words: &mut [u32], next: &mut [u32]) {
    let count = words.len() / 16;
    let mut state = [0; 16];
    state.copy_from_slice(&words[(count - 1) * 16..]);
    for (i, part) in words.chunks(16).enumerate() {
        for (word, other) in state.iter_mut().zip(part) {
            *word ^= other;
        }
        salsa8(&mut state);
        let at = i / 2 + (i % 2) * (count / 2);
        next[at * 16..][..16].copy_from_slice(&state);
    }
    words.copy_from_slice(next);
}

fn salsa8(state: &mut [u32; 16]) {
    const COLUMNS: [[usize; 4]; 4] = [[0, 4, 8, 12], [5, 9, 13, 1], [10, 14, 2, 6], [15, 3, 7, 11]];
    const ROWS: [[usize; 4]; 4] = [[0, 1, 2, 3], [5, 6, 7, 4], [10, 11, 8, 9], [15, 12, 13, 14]];
    let before = *state;
    for _ in 0..4 {
        for [a, b, c, d] in COLUMNS.into_iter().chain(ROWS) {
            state[b] ^= state[a].wrapping_add(state[d]).rotate_left(7);
            state[c] ^= state[b].wrapping_add(state[a]).rotate_left(9);
            state[d] ^= state[c].wrapping_add(state[b]).rotate_left(13);
            state[a] ^= state[d].wrapping_add(state[c]).rotate_left(18);
        }
    }
    for (word, other) in state.iter_mut().zip(before) {
        *word = word.wrapping_add(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_rfc() {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(
            hex(&scrypt(b"", b"", 16, 1, 1, 64)),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
             fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        );
    }
}
