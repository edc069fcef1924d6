//! Which state store and which cluster a command is about: flags first, then the environment, then files.

use super::{CliError, Invocation};
use crate::env;
use crate::state::StateStore;

/// Opens the state store of `--state` or `KOPS_STATE_STORE`.
pub(super) fn state_store(invocation: &Invocation) -> Result<StateStore, CliError> {
    let url = invocation.global.state.as_deref().or_else(|| invocation.environment.get(env::KOPS_STATE_STORE));
    let Some(url) = url else {
        return Err(CliError::message("State Store: Required value: ")
            .hint("set --state or KOPS_STATE_STORE, for example to s3://<bucket>"));
    };
    Ok(StateStore::open(url, &invocation.environment)?)
}

/// The cluster's name: `--name`, `KOPS_CLUSTER_NAME` or the argument, of which only one may be given.
pub(super) fn cluster_name(invocation: &Invocation, argument: Option<&str>) -> Result<String, CliError> {
    let flag = invocation.global.name.as_deref().or_else(|| invocation.environment.get(env::KOPS_CLUSTER_NAME));
    match (flag, argument) {
        (Some(flag), Some(argument)) if flag != argument => {
            Err(CliError::message("cannot specify cluster via --name and positional argument")
                .hint(format!("{flag:?} is given by flag or environment, {argument:?} as argument")))
        }
        (Some(name), _) | (None, Some(name)) => Ok(name.to_owned()),
        (None, None) => Err(CliError::message("--name is required")),
    }
}
