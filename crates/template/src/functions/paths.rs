//! Paths. sprig's `os…` functions do the same as the others where paths have slashes.

use super::{Table, Type};

pub(super) fn register(table: &mut Table) {
    for name in ["base", "osBase"] {
        table.add(name, &[Type::Str], |_, args| Ok(base(args.text(0)).into()));
    }
    for name in ["dir", "osDir"] {
        table.add(name, &[Type::Str], |_, args| {
            let path = args.text(0);
            Ok(clean(&path[..path.rfind('/').map_or(0, |i| i + 1)]).into())
        });
    }
    for name in ["clean", "osClean"] {
        table.add(name, &[Type::Str], |_, args| Ok(clean(args.text(0)).into()));
    }
    for name in ["ext", "osExt"] {
        table.add(name, &[Type::Str], |_, args| {
            let last = args.text(0).rsplit('/').next().unwrap_or_default();
            Ok(last.rfind('.').map_or("", |i| &last[i..]).into())
        });
    }
    for name in ["isAbs", "osIsAbs"] {
        table.add(name, &[Type::Str], |_, args| Ok(args.text(0).starts_with('/').into()));
    }
}

fn base(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" if path.is_empty() => ".",
        "" => "/",
        trimmed => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

/// The shortest equivalent path, as Go's `path.Clean`.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned() {
        for (path, cleaned) in [
            ("", "."),
            ("a//b/../c", "a/c"),
            ("/../a", "/a"),
            ("../../a", "../../a"),
            ("a/..", "."),
            ("/", "/"),
            ("./a/./", "a"),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
        }
        assert_eq!((base(""), base("///"), base("a/b/")), (".", "/", "b"));
    }
}
