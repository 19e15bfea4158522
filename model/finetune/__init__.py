"""The finetune room."""
