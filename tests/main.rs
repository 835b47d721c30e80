mod contrast;
mod pages;
