//! Passwords and encryption.

use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{Args, Call, FunctionError, Outcome, Table, Type};

pub(super) fn register(table: &mut Table) {
    table.add("bcrypt", &[Type::Str], |call, args| Ok(bcrypt(call, args.text(0))?.into()));
    table.add("htpasswd", &[Type::Str, Type::Str], |call, args| {
        let (user, password) = (args.text(0), args.text(1));
        if user.contains(':') {
            return Err(FunctionError::new("a user name can't contain a colon"));
        }
        Ok(format!("{user}:{}", bcrypt(call, password)?).into())
    });
    table.add("derivePassword", &[Type::Uint32, Type::Str, Type::Str, Type::Str, Type::Str], derive_password);
    table.add("encryptAES", &[Type::Str, Type::Str], encrypt);
    table.add("decryptAES", &[Type::Str, Type::Str], decrypt);
}

/// The default cost of Go's bcrypt, which sprig uses.
const BCRYPT_COST: u32 = 10;

fn bcrypt(call: &mut Call<'_>, password: &str) -> Result<String, FunctionError> {
    // A hash takes as long as about this many steps.
    call.budget.spend(500_000)?;
    let salt = call.eval_context.random(16)?.try_into().unwrap_or_default();
    if password.len() > 72 {
        return Err(FunctionError::new("the password is longer than 72 bytes"));
    }
    bcrypt::hash_with_salt(password, BCRYPT_COST, salt)
        .map(|parts| parts.format_for_version(bcrypt::Version::TwoA))
        .map_err(|_| FunctionError::new("failed to hash the password"))
}

const AES_BLOCK: usize = 16;

fn aes_key(password: &str) -> Result<UnboundCipherKey, FunctionError> {
    let mut key = [0; 32];
    let length = password.len().min(key.len());
    key[..length].copy_from_slice(&password.as_bytes()[..length]);
    UnboundCipherKey::new(&AES_256, &key).map_err(|_| FunctionError::new("invalid key"))
}

/// AES-256 in CBC mode: base64 of the initialization vector and the ciphertext.
fn encrypt(call: &mut Call<'_>, args: &Args) -> Outcome {
    let text = args.text(1);
    if text.is_empty() {
        return Ok("".into());
    }
    call.budget.text(text.len() * 2 + 64)?;
    let failed = |_| FunctionError::new("failed to encrypt");
    let vector: [u8; AES_BLOCK] = call.eval_context.random(AES_BLOCK)?.try_into().unwrap_or_default();
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(aes_key(args.text(0))?).map_err(failed)?;
    let mut bytes = text.as_bytes().to_vec();
    key.less_safe_encrypt(&mut bytes, EncryptionContext::Iv128(vector.into())).map_err(failed)?;
    let mut out = vector.to_vec();
    out.append(&mut bytes);
    Ok(BASE64.encode(out).into())
}

fn decrypt(call: &mut Call<'_>, args: &Args) -> Outcome {
    if args.text(1).is_empty() {
        return Ok("".into());
    }
    call.budget.text(args.text(1).len())?;
    let failed = || FunctionError::new("failed to decrypt with this key");
    let mut bytes = BASE64.decode(args.text(1)).map_err(|_| FunctionError::new("not valid base64"))?;
    if bytes.len() < AES_BLOCK {
        return Err(failed());
    }
    let mut text = bytes.split_off(AES_BLOCK);
    let vector: [u8; AES_BLOCK] = bytes.try_into().unwrap_or_default();
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(aes_key(args.text(0))?).map_err(|_| failed())?;
    let plain = key.decrypt(&mut text, DecryptionContext::Iv128(vector.into())).map_err(|_| failed())?;
    Ok(String::from_utf8(plain.to_vec()).map_err(|_| failed())?.into())
}

/// The Master Password algorithm: a password that only depends on site, user, counter and master password.
fn derive_password(call: &mut Call<'_>, args: &Args) -> Outcome {
    const SEED: &[u8] = b"com.lyndir.masterpassword";
    let counter = match args.any(0) {
        crate::value::Value::Uint64(n) => u32::try_from(*n).unwrap_or(0),
        _ => 0,
    };
    let (kind, password, user, site) = (args.text(1), args.text(2), args.text(3), args.text(4));
    let Some((_, templates)) = PASSWORD_TEMPLATES.iter().find(|(name, _)| *name == kind) else {
        let names: Vec<&str> = PASSWORD_TEMPLATES.iter().map(|(name, _)| *name).collect();
        return Err(FunctionError::new("unknown kind of password").hint(format!("it is one of {}", names.join(", "))));
    };
    call.budget.spend(1_000_000)?;
    let length = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
    let salt = [SEED, &length(user), user.as_bytes()].concat();
    let key = scrypt_key(password.as_bytes(), &salt, 15, 8, 2)?;
    let message = [SEED, &length(site), site.as_bytes(), &counter.to_be_bytes()].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &message);
    let seed = tag.as_ref();
    let at = |i: usize| usize::from(seed.get(i).copied().unwrap_or(0));
    let template = templates[at(0) % templates.len()];
    let characters = template.bytes().enumerate().map(|(i, class)| {
        let set = password_characters(class);
        char::from(set[at(i + 1) % set.len()])
    });
    Ok(characters.collect::<String>().into())
}

/// A key of 64 bytes, derived with scrypt (RFC 7914). The cost is a power of two.
fn scrypt_key(
    password: &[u8],
    salt: &[u8],
    log_cost: u8,
    block: u32,
    parallel: u32,
) -> Result<[u8; 64], FunctionError> {
    let failed = || FunctionError::new("failed to derive the password");
    let parameters = scrypt::Params::new(log_cost, block, parallel).map_err(|_| failed())?;
    let mut key = [0; 64];
    scrypt::scrypt(password, salt, &parameters, &mut key).map_err(|_| failed())?;
    Ok(key)
}

const PASSWORD_TEMPLATES: [(&str, &[&str]); 6] = [
    ("maximum", &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"]),
    (
        "long",
        &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
    ),
    ("medium", &["CvcnoCvc", "CvcCvcno"]),
    ("short", &["Cvcn"]),
    ("basic", &["aaanaaan", "aannaaan", "aaannaaa"]),
    ("pin", &["nnnn"]),
];

fn password_characters(class: u8) -> &'static [u8] {
    match class {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The first two test vectors of RFC 7914, section 12.
    #[test]
    fn keys_are_those_of_the_rfc() {
        let hex = |key: [u8; 64]| key.iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(
            hex(scrypt_key(b"", b"", 4, 1, 1).unwrap()),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
             fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        );
        assert_eq!(
            hex(scrypt_key(b"password", b"NaCl", 10, 8, 16).unwrap()),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
             2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        );
    }
}
