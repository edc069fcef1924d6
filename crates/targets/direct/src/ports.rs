//! What the target needs from a cloud.

use async_trait::async_trait;
use kopsform_model::Graph;
use kopsform_rolling::ports::ApiError;

use crate::found::{Found, Object, Residue};
use crate::ids::{Attributes, Ids};
use crate::placeholders::Placeholder;
use crate::task::Task;

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// Something that was just made is not visible everywhere yet, or something else needs time: worth trying again.
    #[error("{0}")]
    NotYet(ApiError),
    /// What the call is about, or something that it refers to, does not exist. A deletion is done then; anything else may have
    /// been made a moment ago and is not visible everywhere yet.
    #[error("{0}")]
    Missing(ApiError),
    /// Something of that name exists: an earlier request of this or another run made it, or it belongs to others.
    #[error("{0}")]
    Exists(ApiError),
    /// Anything else; whether it may be repeated is in the error.
    #[error("{0}")]
    Failed(#[from] ApiError),
}

impl CloudError {
    /// The failed call.
    pub fn error(&self) -> &ApiError {
        match self {
            Self::NotYet(error) | Self::Missing(error) | Self::Exists(error) | Self::Failed(error) => error,
        }
    }

    /// The failed call.
    pub fn into_error(self) -> ApiError {
        match self {
            Self::NotYet(error) | Self::Missing(error) | Self::Exists(error) | Self::Failed(error) => error,
        }
    }
}

/// What to do about one task.
#[derive(Debug)]
pub struct Operation<'a> {
    /// The task.
    pub task: &'a Task,
    /// What exists for it; `None` when it is created.
    pub found: Option<&'a Object>,
    /// The names of the fields that differ; all of them when it is created.
    pub fields: Vec<&'static str>,
    /// The ids of everything that exists now: what the task refers to is among them.
    pub ids: &'a Ids,
}

impl Operation<'_> {
    /// Whether a field differs.
    pub fn changes(&self, field: &str) -> bool {
        self.fields.contains(&field)
    }
}

/// An error that cannot happen unless this program has a defect.
pub fn internal(message: impl Into<String>) -> CloudError {
    ApiError::permanent("internal error", message).into()
}

/// The result of an operation that had nothing to do: the attributes that were found.
///
/// # Errors
/// Never. It returns a `Result` because operations do.
pub fn unchanged(operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    Ok(operation.found.map(|object| object.attributes.clone()).unwrap_or_default())
}

/// A cloud: what exists in it, and how to change that.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Finds what exists for tasks, with as few requests as possible, side by side. Writes nothing.
    ///
    /// # Errors
    /// When something could not be read, or several things are found where one is meant.
    async fn find(&self, tasks: &[Task]) -> Result<Found, ApiError>;

    /// Replaces the graph that resources are created and changed from. The results of [`Cloud::find`] stay valid.
    fn aim_at(&mut self, graph: Graph);

    /// Creates what a task wants and returns its attributes.
    ///
    /// # Errors
    /// When it was not created, or only partly, or perhaps: it is looked for with [`Cloud::find`] before another attempt. So a
    /// request that makes something new each time it arrives is sent once.
    async fn create(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError>;

    /// Changes the fields that differ. Returns attributes that are new.
    ///
    /// # Errors
    /// When not all were changed: changing them again continues.
    async fn update(&self, operation: &Operation<'_>) -> Result<Attributes, CloudError>;

    /// Deletes what a task wants to be absent.
    ///
    /// # Errors
    /// When it still exists.
    async fn delete(&self, operation: &Operation<'_>) -> Result<(), CloudError>;

    /// Deletes something that no task wants.
    ///
    /// # Errors
    /// When it still exists.
    async fn remove(&self, residue: &Residue) -> Result<(), CloudError>;

    /// Creates DNS records in a zone that the cluster's own controllers change later, so that no resolver remembers their absence.
    /// Those that exist are left as they are. Returns the names of new ones; a cloud without DNS creates none.
    ///
    /// # Errors
    /// When the zone cannot be read or changed.
    async fn create_placeholder_records(&self, _zone: &str, _records: &[Placeholder]) -> Result<Vec<String>, ApiError> {
        Ok(Vec::new())
    }
}
