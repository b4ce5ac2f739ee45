"""What a person looks at: pictures, tables, a report."""
