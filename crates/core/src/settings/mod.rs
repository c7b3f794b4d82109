//! Settings: schema, defaults, loading, the one list of environment variables.
