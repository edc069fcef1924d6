//! What comes from outside of the data: the environment, host names, randomness.

use super::{Call, FunctionError, Outcome, Table, Type};

pub(super) fn register(table: &mut Table) {
    table.add("env", &[Type::Str], |call, args| {
        Ok(call.eval_context.environment.get(args.text(0)).unwrap_or_default().into())
    });
    table.add("expandenv", &[Type::Str], |call, args| {
        let text =
            expanded(args.text(0), |name| call.eval_context.environment.get(name).unwrap_or_default().to_owned());
        call.budget.text(text.len())?;
        Ok(text.into())
    });
    table.add("getHostByName", &[Type::Str], |call, args| {
        let Some(resolve) = &call.eval_context.resolver else {
            return Err(FunctionError::new("host names are not looked up here"));
        };
        let address = resolve(args.text(0)).into_iter().next();
        Ok(address.ok_or_else(|| FunctionError::new("the host has no address"))?.into())
    });
    table.add("randAlphaNum", &[Type::Int], |call, args| random(call, args.int(0), is_alphanumeric));
    table.add("randAlpha", &[Type::Int], |call, args| random(call, args.int(0), |b| b.is_ascii_alphabetic()));
    table.add("randNumeric", &[Type::Int], |call, args| random(call, args.int(0), |b| b.is_ascii_digit()));
    table.add("randAscii", &[Type::Int], |call, args| random(call, args.int(0), |b| (b' '..=b'~').contains(&b)));
    table.add("randBytes", &[Type::Int], |call, args| {
        let bytes = call.eval_context.random(counted(call, args.int(0))?)?;
        Ok(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes).into())
    });
    table.add("shuffle", &[Type::Str], |call, args| {
        let mut characters: Vec<char> = args.text(0).chars().collect();
        call.budget.text(characters.len() * 8)?;
        let bytes = call.eval_context.random(characters.len() * 8)?;
        for i in (1..characters.len()).rev() {
            let number = bytes[i * 8..][..8].iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            characters.swap(i, usize::try_from(number % (i as u64 + 1)).unwrap_or(0));
        }
        Ok(characters.into_iter().collect::<String>().into())
    });
    table.add("uuidv4", &[], |call, _| {
        let mut bytes = call.eval_context.random(16)?;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-").into())
    });
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn counted(call: &mut Call<'_>, count: i64) -> Result<usize, FunctionError> {
    let count = usize::try_from(count).map_err(|_| FunctionError::new("a negative count"))?;
    call.budget.text(count.saturating_mul(8))?;
    Ok(count)
}

/// So many random characters of an alphabet, each as likely as any other.
fn random(call: &mut Call<'_>, count: i64, wanted: fn(u8) -> bool) -> Outcome {
    let count = counted(call, count)?;
    let alphabet: Vec<u8> = (0..128).filter(|b| wanted(*b)).collect();
    // Bytes beyond the last whole multiple of the alphabet would make its first characters more likely.
    let bound = 256 / alphabet.len() * alphabet.len();
    let mut out = String::with_capacity(count);
    while out.len() < count {
        for byte in call.eval_context.random((count - out.len()).max(16))? {
            if usize::from(byte) < bound && out.len() < count {
                out.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    Ok(out.into())
}

/// Puts variables in the place of `$NAME` and `${NAME}`.
fn expanded(text: &str, variable: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            // `${` without its end, and `${}`, are left out.
            let end = inner.find('}').map_or(0, |end| end + 1);
            out.push_str(&variable(&inner[..end.saturating_sub(1)]));
            rest = &inner[end..];
            continue;
        }
        let special = rest.starts_with(|c: char| "*#$@!?-0123456789".contains(c));
        let end = if special {
            1
        } else {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
        };
        if end == 0 {
            out.push('$');
        } else {
            out.push_str(&variable(&rest[..end]));
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in() {
        let show = |name: &str| format!("<{name}>");
        assert_eq!(expanded("a$HOME/${X_1}$ $1b $", show), "a<HOME>/<X_1>$ <1>b $");
    }
}
