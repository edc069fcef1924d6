//! The files of an output directory.

use std::io;
use std::path::Path;

use super::error::DiffError;
use super::sides::Form;
use kopsform_cloudformation::manifest as templates;
use kopsform_cloudformation::{Nesting, Options, ROOT_FILE};
use kopsform_compare::Files;
use kopsform_files::{TEXT_LIMIT, read_bounded};
use kopsform_terraform::layout::{ALL_FILES, SINGLE_FILE, VARIABLES_FILE};
use kopsform_terraform::manifest::{MANIFEST_FILE, Manifest};
use kopsform_terraform::{DATA_DIRECTORY, Layout};

/// Reads the files of an output directory that kopsform or kops wrote: those in the manifest, or those of the layouts. Files of
/// others, such as provider blocks, are left out.
///
/// # Errors
/// If the directory cannot be read, or has no such files.
pub(super) fn read(dir: &Path) -> Result<(Files, Form), DiffError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| DiffError::Directory { path, source }
    };
    let entries = std::fs::read_dir(dir).map_err(failed(dir))?;
    drop(entries);
    if dir.join(templates::MANIFEST_FILE).is_file() || dir.join(ROOT_FILE).is_file() {
        return read_templates(dir);
    }
    let path = dir.join(MANIFEST_FILE);
    let names = match read_bounded(&path, TEXT_LIMIT).map_err(io::Error::from) {
        Ok(bytes) => {
            let invalid = |error: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
            let manifest = Manifest::parse(&bytes).map_err(|error| failed(&path)(invalid(&error)))?;
            manifest.files.into_keys().collect()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => present(dir).map_err(failed(dir))?,
        Err(error) => return Err(failed(&path)(error)),
    };
    let files = contents(dir, names)?;
    if !files.keys().any(|name| name.ends_with(".tf")) {
        return Err(DiffError::NoConfiguration(dir.to_owned()));
    }
    if let Some((name, _)) = files.iter().find(|(name, content)| name.ends_with(".tf") && is_too_deep(content)) {
        let source =
            io::Error::new(io::ErrorKind::InvalidData, format!("expressions are nested more than {DEEPEST} times"));
        return Err(failed(&dir.join(name))(source));
    }
    let layout = layout(&files);
    Ok((files, Form::Terraform(layout)))
}

/// The content of some files. One that was removed since is one that changes.
fn contents(dir: &Path, names: Vec<String>) -> Result<Files, DiffError> {
    let mut files = Files::new();
    for name in names {
        let path = dir.join(&name);
        match read_bounded(&path, TEXT_LIMIT).map_err(io::Error::from) {
            Ok(content) => _ = files.insert(name, content),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(DiffError::Directory { path, source }),
        }
    }
    Ok(files)
}

/// The templates and stack policies of a directory: those in the manifest, or those with the names of parts.
fn read_templates(dir: &Path) -> Result<(Files, Form), DiffError> {
    let manifest = dir.join(templates::MANIFEST_FILE);
    let failed = |path: &Path, source| DiffError::Directory { path: path.to_owned(), source };
    let names: Vec<String> = match read_bounded(&manifest, TEXT_LIMIT).map_err(io::Error::from) {
        Ok(bytes) => {
            let invalid = |error: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidData, error.to_string());
            let read = templates::Manifest::parse(&bytes).map_err(|error| failed(&manifest, invalid(&error)))?;
            read.files.into_keys().collect()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let entries = std::fs::read_dir(dir).map_err(|source| failed(dir, source))?;
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            names.filter(|name| templates::is_ours(name)).collect()
        }
        Err(error) => return Err(failed(&manifest, error)),
    };
    let files = contents(dir, names)?;
    if !files.contains_key(ROOT_FILE) {
        return Err(DiffError::NoConfiguration(dir.to_owned()));
    }
    let is_nested = files.keys().filter(|name| name.ends_with(".template.yaml")).count() > 1;
    let nesting = if is_nested { Nesting::Always } else { Nesting::Auto };
    Ok((files, Form::CloudFormation(Options { nesting })))
}

/// How deep blocks and expressions may be nested: the parser of HCL calls itself for each level.
const DEEPEST: usize = 200;

/// Whether brackets, operators before an operand or conditionals are nested too deep. What is in strings counts, too: it may be
/// a template.
fn is_too_deep(content: &[u8]) -> bool {
    let (mut depth, mut deepest) = (0_usize, 0);
    for line in content.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        if line.starts_with(b"#") || line.starts_with(b"//") {
            continue;
        }
        let (mut operators, mut conditionals) = (0, 0);
        for byte in line {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                b'?' => conditionals += 1,
                _ => {}
            }
            operators = if matches!(byte, b'!' | b'-') { operators + 1 } else { 0 };
            deepest = deepest.max(depth + operators + conditionals);
        }
    }
    deepest > DEEPEST
}

/// The files of the layouts and the data files that are there.
fn present(dir: &Path) -> io::Result<Vec<String>> {
    let mut names: Vec<String> =
        ALL_FILES.iter().filter(|name| dir.join(name).is_file()).map(|name| (*name).to_owned()).collect();
    match std::fs::read_dir(dir.join(DATA_DIRECTORY)) {
        Ok(entries) => {
            for entry in entries {
                let entry = entry?;
                if entry.file_type()?.is_file()
                    && let Some(name) = entry.file_name().to_str()
                {
                    names.push(format!("{DATA_DIRECTORY}/{name}"));
                }
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(names)
}

/// The layout of files.
fn layout(files: &Files) -> Layout {
    if files.contains_key(SINGLE_FILE) {
        Layout::Single
    } else if files.contains_key(VARIABLES_FILE) {
        Layout::Module
    } else {
        Layout::Split
    }
}

#[cfg(test)]
mod tests {
    use super::is_too_deep;

    #[test]
    fn what_the_parser_would_not_survive_is_found_first() {
        for nested in ["[", "(", "{", "!", "-", "a ? b : "] {
            assert!(is_too_deep(format!("a = {}", nested.repeat(10_000)).as_bytes()), "{nested}");
        }
        assert!(!is_too_deep(format!("# {}\na = [[1]]\n", "-".repeat(10_000)).as_bytes()));
        assert!(!is_too_deep("a = {}\n".repeat(10_000).as_bytes()));
    }
}
