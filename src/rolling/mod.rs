//! Rolling updates: facts to plan to steps.
