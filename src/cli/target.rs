//! Which state store, which cluster, which lock file and which output directory a command uses.
//!
//! The state store comes from the flag, else the environment, else the project, else the configuration file. The cluster comes
//! from the flag, else the environment, else the argument, else the project, else kubectl's current context. The lock file comes
//! from the flag, else the environment, else the project or the working directory. How Terraform is written comes from flags, else
//! the project. The project is the `kopsform.yaml` in the working directory or above it.

use std::path::PathBuf;
use std::sync::Arc;

use super::flags::LookupArgs;
use super::{CliError, Invocation};
use crate::ops::support::facts::{FactFinder, LookupOptions};
use crate::ops::update_cluster::UpdateDeps;
use crate::project;
use kopsform_env as env;
use kopsform_files::{TEXT_LIMIT, read_text_bounded};
use kopsform_kubeconfig as kubeconfig;
use kopsform_model::facts::lock;
use kopsform_pki::{KeySource, SystemKeySource};
use kopsform_state::{Holder, StateStore, StoreUrl, StoreUrlError};

/// Whether the cluster may come from kubectl's current context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    Allowed,
    /// The command creates or deletes a cluster, which must be named by the user or the project.
    Ignored,
}

impl Invocation {
    /// An invocation without flags, for tests of commands.
    #[cfg(test)]
    pub fn for_tests(environment: kopsform_env::Environment) -> Self {
        let invocation = Self::new(super::GlobalArgs::default(), environment);
        let _ = invocation.project.set(None);
        invocation
    }

    /// The defaults of the project in the working directory or above it, if there is one.
    ///
    /// # Errors
    /// If its file cannot be read or is invalid: then it is not known what was meant.
    pub fn project(&self) -> Result<Option<&project::Defaults>, CliError> {
        if let Some(known) = self.project.get() {
            return Ok(known.as_ref());
        }
        let found = match self.project_dir() {
            Some(dir) => {
                let file = project::resolve(&dir, project::FILE_NAME);
                let text = read_text_bounded(&file, TEXT_LIMIT).map_err(|error| {
                    let error = std::io::Error::from(error);
                    CliError::message(format!("cannot read the project {}: {error}", file.display()))
                })?;
                Some(project::defaults(&dir, &text)?)
            }
            None => None,
        };
        if let Some(project) = &found {
            tracing::info!(file = %project.file.display(), "using the project's defaults");
        }
        Ok(self.project.get_or_init(|| found).as_ref())
    }

    /// The directory of the project, relative to the working directory.
    pub fn project_dir(&self) -> Option<PathBuf> {
        let found = project::find(&std::env::current_dir().ok()?)?;
        if found.is_foreign {
            let file = project::resolve(&found.dir, project::FILE_NAME);
            self.ui.warn(&format!(
                "ignoring {}: it does not belong to the owner of the working directory",
                file.display()
            ));
            return None;
        }
        Some(found.dir)
    }

    /// Where facts come from.
    ///
    /// # Errors
    /// If the project is invalid.
    pub fn lookup(&self, args: &LookupArgs) -> Result<LookupOptions, CliError> {
        let lock = match self.named_lock(args.lock.as_ref()) {
            Some(path) => Some(path),
            None => self.usual_lock()?.filter(|path| path.is_file()),
        };
        Ok(LookupOptions { lock, offline: args.offline })
    }

    /// The lock file that `lock` writes, which need not exist.
    ///
    /// # Errors
    /// If the project is invalid.
    pub fn lock_to_write(&self, flag: Option<&PathBuf>) -> Result<PathBuf, CliError> {
        let usual = || PathBuf::from(lock::FILE_NAME);
        Ok(match self.named_lock(flag) {
            Some(path) => path,
            None => self.usual_lock()?.unwrap_or_else(usual),
        })
    }

    /// How the project has the Terraform of a cluster written; the defaults, if it is another cluster's project.
    ///
    /// # Errors
    /// If the project is invalid.
    pub fn terraform_defaults(&self, cluster: &str) -> Result<project::TerraformDefaults, CliError> {
        let project = self.project()?.filter(|project| project.is_of(cluster));
        Ok(project.map(|project| project.terraform.clone()).unwrap_or_default())
    }

    /// The directory for the Terraform files of a cluster: from the flag, else the project, else `out/terraform`.
    ///
    /// # Errors
    /// If the project is invalid.
    pub fn terraform_out(&self, flag: Option<&PathBuf>, cluster: &str) -> Result<PathBuf, CliError> {
        Ok(match flag {
            Some(out) => out.clone(),
            None => self.terraform_defaults(cluster)?.out.unwrap_or_else(|| PathBuf::from(project::DEFAULT_OUT)),
        })
    }

    /// The directory for the CloudFormation templates of a cluster: from the flag, else the project, else `out/cloudformation`.
    ///
    /// # Errors
    /// If the project is invalid.
    pub fn cloudformation_out(&self, flag: Option<&PathBuf>, cluster: &str) -> Result<PathBuf, CliError> {
        if let Some(out) = flag {
            return Ok(out.clone());
        }
        let project = self.project()?.filter(|project| project.is_of(cluster));
        let out = project.and_then(|project| project.cloudformation_out.clone());
        Ok(out.unwrap_or_else(|| PathBuf::from(project::DEFAULT_CLOUDFORMATION_OUT)))
    }

    /// The lock file from the flag or the environment.
    fn named_lock(&self, flag: Option<&PathBuf>) -> Option<PathBuf> {
        flag.cloned().or_else(|| self.environment.get(env::KOPSFORM_LOCK).map(PathBuf::from))
    }

    /// The lock file of the project, or the one in the working directory if it exists.
    fn usual_lock(&self) -> Result<Option<PathBuf>, CliError> {
        let here = Some(PathBuf::from(lock::FILE_NAME)).filter(|path| path.is_file());
        Ok(match self.project()? {
            Some(project) if project.names_lock || here.is_none() => Some(project.lock.clone()),
            _ => here,
        })
    }

    /// The state store; nothing is read yet.
    pub fn state_store(&self) -> Result<StateStore, CliError> {
        Ok(crate::ops::support::stores::open_state(&self.state_url()?, &self.environment)?)
    }

    /// The URL of the state store, without trailing slashes.
    pub fn state_url(&self) -> Result<String, CliError> {
        self.state_url_or(|| Ok(self.project()?.and_then(|project| project.store.clone())))
    }

    /// The URL of the state store, where a project's takes precedence over the configuration file's.
    pub fn state_url_or(&self, project: impl FnOnce() -> Result<Option<String>, CliError>) -> Result<String, CliError> {
        let flag = self.global.state.clone().filter(|url| !url.is_empty());
        let given = flag.or_else(|| self.environment.get(env::KOPS_STATE_STORE).map(str::to_owned));
        let given = match given {
            Some(url) => Some(url),
            None => project()?,
        };
        let url = match given {
            None => self.configured(env::KOPS_STATE_STORE)?,
            Some(url) => {
                // A file that the user named is read all the same, so that a misspelled name is noticed, as in kops.
                if self.global.config.is_some() {
                    self.configured(env::KOPS_STATE_STORE)?;
                }
                Some(url)
            }
        };
        let url = url.ok_or(StoreUrlError::Missing)?;
        StoreUrl::parse(&url)?;
        // What is left of `/` and `file:///` without slashes is not an address.
        let trimmed = url.trim_end_matches('/');
        let url = if StoreUrl::parse(trimmed).is_ok() { trimmed.to_owned() } else { url };
        tracing::debug!(url, "using state store");
        Ok(url)
    }

    /// The value of a key in the configuration file. Keys are not case-sensitive, as in kops.
    fn configured(&self, name: &str) -> Result<Option<String>, CliError> {
        let home = self.environment.get(env::HOME).map(PathBuf::from);
        let usual = [".kops.yaml", ".kops/config"];
        let path = match &self.global.config {
            Some(path) => Some(PathBuf::from(path)),
            None => home.and_then(|home| usual.iter().map(|file| home.join(file)).find(|path| path.is_file())),
        };
        let Some(path) = path else { return Ok(None) };
        let text = match read_text_bounded(&path, TEXT_LIMIT).map_err(std::io::Error::from) {
            Ok(text) => text,
            Err(error) => {
                self.ui.warn(&format!("error reading config {}: {error}", path.display()));
                return Ok(None);
            }
        };
        let shown = path.display().to_string();
        let parsed = kopsform_yaml::parse(&shown, &text);
        if parsed.documents.is_empty() && !parsed.report.has_errors() {
            // An empty file has no settings, as for kops.
            return Ok(None);
        }
        let settings: serde_json::Map<String, serde_json::Value> = match kopsform_yaml::from_str(&shown, &text) {
            Ok(settings) => settings,
            Err(report) => {
                self.ui.warn(&format!("error reading config: {report}"));
                return Ok(None);
            }
        };
        let Some((key, value)) = settings.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        if !value.is_string() && !value.is_null() {
            let position = parsed.documents.first().and_then(|document| document.root.position_of(key));
            let place = position.map_or(shown, |position| parsed.source.place(position).to_string());
            self.ui.warn(&format!("error reading config: {place}: {key} must be a string; it is ignored"));
        }
        Ok(value.as_str().map(str::to_owned))
    }

    /// The cluster from `--name` or its variable.
    pub fn named_cluster(&self) -> Option<String> {
        let flag = self.global.name.clone().filter(|name| !name.is_empty());
        flag.or_else(|| self.environment.get(env::KOPS_CLUSTER_NAME).map(str::to_owned))
    }

    /// The cluster from the flag, the environment, the arguments, the project or kubectl's context.
    pub fn cluster_name(&self, arguments: &[String], context: Context) -> Result<String, CliError> {
        let named = self.named_cluster();
        if arguments.len() > 1 || (named.is_some() && !arguments.is_empty()) {
            return Err(self.too_many_names(named.as_deref(), arguments));
        }
        let name = match named.or_else(|| arguments.first().cloned()) {
            Some(name) => Some(name),
            None => self.default_cluster(context)?,
        };
        let name = name.ok_or_else(|| {
            CliError::message("--name is required").hint("or set KOPS_CLUSTER_NAME, or cluster in kopsform.yaml")
        })?;
        super::logging::record_cluster(&name);
        Ok(name)
    }

    /// The cluster of the project or of kubectl's context.
    fn default_cluster(&self, context: Context) -> Result<Option<String>, CliError> {
        let project = self.project()?;
        if let Some((project, name)) = project.and_then(|project| Some((project, project.cluster.as_ref()?))) {
            // These commands create or delete a cluster: they say which one.
            if context == Context::Ignored {
                self.ui.note(&format!("Using cluster from {}: {name}", project.file.display()));
            }
            return Ok(Some(name.clone()));
        }
        Ok(match context {
            Context::Allowed => self.cluster_of_context(),
            Context::Ignored => None,
        })
    }

    fn too_many_names(&self, named: Option<&str>, arguments: &[String]) -> CliError {
        let flag = self.global.name.as_deref().is_some_and(|name| !name.is_empty());
        let via = if flag { "via flag" } else { "via KOPS_CLUSTER_NAME" };
        let via_flag = named.map(|name| format!("{name:?} ({via})"));
        let as_arguments = arguments.iter().map(|name| format!("{name:?} (as argument)"));
        let all: Vec<String> = via_flag.into_iter().chain(as_arguments).collect();
        let message = if arguments.len() == 1 {
            "cannot specify cluster via --name and positional argument"
        } else {
            "expected a single <clustername> to be passed as an argument"
        };
        CliError::message(format!("{message}: found {}", all.join(", "))).hint(match (flag, named) {
            (false, Some(_)) => "omit the argument, or unset KOPS_CLUSTER_NAME",
            (_, Some(_)) if arguments.iter().all(|name| !name.contains('.')) => {
                "names of clusters have a dot: is the argument meant as another command, such as instancegroups?"
            }
            _ => "name one cluster; boolean flags take their value after an equals sign: --bastion=true",
        })
    }

    fn cluster_of_context(&self) -> Option<String> {
        match kubeconfig::current_cluster(&self.environment) {
            Ok(Some(name)) => {
                self.ui.note(&format!("Using cluster from kubectl context: {name}\n"));
                Some(name)
            }
            Ok(None) => None,
            Err(problem) => {
                self.ui.warn(&problem);
                None
            }
        }
    }

    /// The source of new keys, random numbers and the time.
    pub fn key_source(&self) -> Result<Arc<dyn KeySource>, CliError> {
        Ok(Arc::new(SystemKeySource::from_environment(&self.environment)?))
    }

    /// What an update depends on besides the store: the environment, recorded facts with lookups of others, and random numbers.
    pub fn update_deps<'a, 'w>(
        &'a self,
        lookup: &LookupOptions,
        warn: &'w mut (dyn FnMut(String) + Send),
    ) -> Result<UpdateDeps<'a, 'w>, CliError> {
        let finder = FactFinder::open(lookup, &self.environment)?;
        Ok(UpdateDeps { environment: &self.environment, finder, source: self.key_source()?, warn })
    }

    /// This process as the holder of a cluster's lock.
    pub fn holder(&self, operation: &str) -> Holder {
        Holder::of_process(&self.environment, operation)
    }
}
