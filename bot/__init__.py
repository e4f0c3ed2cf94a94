"""The core of Broadsheet: values, decisions and use cases; it imports no SDK, SQL, HTTP, scheduler, environment or clock."""
