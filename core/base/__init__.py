"""What everything stands on: settings, schema, store, errors, jobs, log."""
