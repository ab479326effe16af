//! The words on the wire: requests, answers, parameters, envelope and error codes.
