//! Reads the user's kubeconfig. Its content is never part of a message: it may hold tokens.

use std::io;
use std::path::{Path, PathBuf};

use kube::config::Kubeconfig;
use zeroize::Zeroizing;

use kopsform_env::{self as env, Environment};
use kopsform_files::{TEXT_LIMIT, read_text_bounded};

/// The files of `KUBECONFIG`, or `~/.kube/config`, merged: of two entries with the same name the first counts. Files that are
/// missing are skipped.
///
/// # Errors
/// When a file cannot be read, or there is none.
pub(super) fn read(environment: &Environment) -> Result<Kubeconfig, String> {
    let paths: Vec<PathBuf> = match (environment.get(env::KUBECONFIG), environment.get(env::HOME)) {
        (Some(list), _) => std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect(),
        (None, Some(home)) => vec![PathBuf::from(home).join(".kube/config")],
        (None, None) => Vec::new(),
    };
    let mut merged: Option<Kubeconfig> = None;
    for path in &paths {
        let Some(next) = read_file(path)? else { continue };
        merged = Some(match merged {
            None => next,
            Some(before) => before
                .merge(next)
                .map_err(|_| format!("{} is of another kind or version than the files before it", path.display()))?,
        });
    }
    merged.ok_or_else(|| match paths.as_slice() {
        [] => "no kubeconfig found: neither KUBECONFIG nor HOME is set".to_owned(),
        paths => {
            let paths: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("no kubeconfig found at {}", paths.join(", "))
        }
    })
}

/// One file; `None` if it does not exist or is empty.
fn read_file(path: &Path) -> Result<Option<Kubeconfig>, String> {
    let shown = path.display().to_string();
    let text = match read_text_bounded(path, TEXT_LIMIT) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read {shown}: {}", io::Error::from(error))),
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let mut config: Kubeconfig = kopsform_yaml::from_str("", &text).map_err(|report| {
        let line = report.findings.first().and_then(|finding| Some(finding.location.as_ref()?.line));
        format!("{shown} is malformed{}", line.map(|line| format!(" at line {line}")).unwrap_or_default())
    })?;
    make_absolute(&mut config, path.parent().unwrap_or(Path::new("")));
    Ok(Some(config))
}

/// Relative paths in a kubeconfig are relative to its directory. A command without a slash is looked up in `PATH`.
fn make_absolute(config: &mut Kubeconfig, directory: &Path) {
    let resolve = |path: &mut Option<String>| {
        if let Some(text) = path.as_mut().filter(|text| !text.is_empty() && Path::new(text).is_relative()) {
            *text = directory.join(&*text).display().to_string();
        }
    };
    for cluster in config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        resolve(&mut cluster.certificate_authority);
    }
    for user in config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        resolve(&mut user.client_certificate);
        resolve(&mut user.client_key);
        resolve(&mut user.token_file);
        if let Some(exec) = &mut user.exec
            && exec.command.as_deref().is_some_and(|command| command.contains('/'))
        {
            resolve(&mut exec.command);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn written(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("kopsform-kubeconfig-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_malformed_file_is_named_without_its_content() {
        for (name, text) in [
            ("syntax", "users:\n- name: u\n  user: {token: SECRETTOKEN\n"),
            ("type", "users:\n- name: u\n  user:\n    token: [SECRETTOKEN]\n"),
        ] {
            let path = written(name, text);
            let error = read(&Environment::of([("KUBECONFIG", path.to_str().unwrap())])).unwrap_err();
            assert!(error.starts_with(&format!("{} is malformed at line ", path.display())), "{error}");
            assert!(!error.contains("SECRET"), "{error}");
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn the_first_entry_counts_and_paths_are_relative_to_the_file() {
        let first = written(
            "first",
            "users: [{name: u, user: {exec: {command: ./bin/login}, tokenFile: token, client-key: /key}}]",
        );
        let second = written("second", "users: [{name: u, user: {token: x}}, {name: v, user: {exec: {command: aws}}}]");
        let list = format!("{}:/nowhere/config:{}", first.display(), second.display());
        let config = read(&Environment::of([("KUBECONFIG", &list)])).unwrap();
        let users: Vec<_> = config.auth_infos.iter().map(|named| named.auth_info.clone().unwrap()).collect();
        let command = |n: usize| users[n].exec.as_ref().unwrap().command.clone().unwrap();
        let directory = std::env::temp_dir();
        assert_eq!(users.len(), 2);
        assert_eq!(Path::new(&command(0)), directory.join("./bin/login"));
        assert_eq!(Path::new(users[0].token_file.as_ref().unwrap()), directory.join("token"));
        assert_eq!(users[0].client_key.as_deref(), Some("/key"));
        assert_eq!(command(1), "aws");
        [first, second].iter().for_each(|path| std::fs::remove_file(path).unwrap());
        let error = read(&Environment::of([("KUBECONFIG", "/nowhere/config")])).unwrap_err();
        assert_eq!(error, "no kubeconfig found at /nowhere/config");
    }
}
