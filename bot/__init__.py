"""The core of Broadsheet: values, decisions, use cases. It imports no SDK, SQL, HTTP, scheduler or clock."""
