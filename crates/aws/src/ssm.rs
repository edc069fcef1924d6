//! Parameters of Systems Manager, which may name images.

use aws_config::SdkConfig;
use serde_json::json;

use crate::json_call::{JsonCallError, SSM, call};

/// The value of a parameter; `None` when the response has none.
///
/// # Errors
/// As for the calls of the SDK's clients; the code is `ParameterNotFound` when there is no such parameter.
pub(crate) async fn get_parameter(config: &SdkConfig, name: &str) -> Result<Option<String>, JsonCallError> {
    let response = call(config, &SSM, "GetParameter", json!({ "Name": name })).await?;
    Ok(response["Parameter"]["Value"].as_str().map(str::to_owned))
}
