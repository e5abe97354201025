"""What helps in JupyterLab: a chooser of campaigns, progress, frames."""
