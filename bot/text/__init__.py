"""The one text pipeline: what strangers wrote becomes one display form, one search form and one cut."""
