//! The project that gcloud uses.

use std::path::PathBuf;

use kopsform_env::{self as env, Environment};
use kopsform_files::{TEXT_LIMIT, read_text_bounded};

/// The directory of gcloud's settings.
pub(crate) fn directory(environment: &Environment) -> Option<PathBuf> {
    let home = || environment.get(env::HOME).map(|home| PathBuf::from(home).join(".config/gcloud"));
    environment.get(env::CLOUDSDK_CONFIG).map(PathBuf::from).or_else(home)
}

/// The project that `gcloud config get-value project` prints: of the environment, or of gcloud's active configuration.
pub fn project(environment: &Environment) -> Option<String> {
    let named =
        [env::CLOUDSDK_CORE_PROJECT, env::GOOGLE_CLOUD_PROJECT].into_iter().find_map(|name| environment.get(name));
    if let Some(project) = named {
        return Some(project.to_owned());
    }
    let directory = directory(environment)?;
    let read = |path: PathBuf| read_text_bounded(&path, TEXT_LIMIT).ok();
    let active = environment.get(env::CLOUDSDK_ACTIVE_CONFIG_NAME).map(str::to_owned);
    let active = active.or_else(|| read(directory.join("active_config"))).unwrap_or_else(|| "default".to_owned());
    let settings = read(directory.join("configurations").join(format!("config_{}", active.trim())))?;
    setting(&settings, "core", "project")
}

/// A setting of a section of an INI file.
fn setting(text: &str, section: &str, name: &str) -> Option<String> {
    let mut current = "";
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            current = header.trim();
        } else if let Some((key, value)) = line.split_once('=').filter(|_| current == section)
            && key.trim() == name
        {
            return Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_environment_takes_precedence_over_the_active_configuration() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        std::fs::create_dir(path.join("configurations")).unwrap();
        std::fs::write(path.join("active_config"), "work\n").unwrap();
        let settings = "[compute]\nproject = no\n[core]\naccount = a\nproject = of-file\n";
        std::fs::write(path.join("configurations/config_work"), settings).unwrap();
        let environment = Environment::of([(env::CLOUDSDK_CONFIG, path.to_str().unwrap())]);
        assert_eq!(project(&environment).as_deref(), Some("of-file"));
        let environment = environment.with(env::CLOUDSDK_CORE_PROJECT, "of-environment");
        assert_eq!(project(&environment).as_deref(), Some("of-environment"));
        assert_eq!(project(&Environment::default()), None);
    }
}
