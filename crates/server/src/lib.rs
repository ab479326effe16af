//! The HTTP service: routes, authorization, errors, workers.
